import { expect, it } from 'vitest';
import { Crc32, Crc32c, Crc64Nvme, combineCrcs } from './crc.ts';

const IMPLEMENTATIONS = { crc32: Crc32, crc32c: Crc32c, crc64nvme: Crc64Nvme } as const;

// The check values of the catalogue of parametrised CRC algorithms.
const CHECK_VALUES = { crc32: 'cbf43926', crc32c: 'e3069283', crc64nvme: 'ae8b14860a799888' } as const;

for (const name of ['crc32', 'crc32c', 'crc64nvme'] as const) {
  const digest = (...pieces: string[]) => {
    const checksum = new IMPLEMENTATIONS[name]();
    for (const piece of pieces) checksum.update(Buffer.from(piece));
    return checksum.digest();
  };

  it(`${name} has its published check value, however the bytes are cut`, () => {
    expect(digest('123456789').toString('hex')).toBe(CHECK_VALUES[name]);
    expect(digest('1', '', '2345', '6789').toString('hex')).toBe(CHECK_VALUES[name]);
  });

  it(`${name} of a whole follows from those of its parts`, () => {
    const parts = ['a', '', 'bcdefghij'.repeat(1000), '\0'.repeat(77)];
    const combined = combineCrcs(
      name,
      parts.map((part) => ({ digest: digest(part), size: part.length })),
    );
    expect(combined).toEqual(digest(parts.join('')));
  });
}
