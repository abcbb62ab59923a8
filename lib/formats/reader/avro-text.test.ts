import { expect, test } from 'vitest';
import { dateText, decimalText, floatText, timestampText, timeText } from './avro-text.ts';

test('dates are those of an independent calendar, before year 1 too', () => {
  for (let days = -1_500_000; days < 3_500_000; days += 997) {
    const [, sign, year, rest] = /^([+-]?)(\d+)-(\d\d-\d\d)/.exec(
      new Date(days * 864e5).toISOString(),
    ) as unknown as string[];
    const number = sign === '-' ? -Number(year) : Number(year);
    const shown = String(number > 0 ? number : 1 - number).padStart(4, '0');
    expect(dateText(days)).toBe(`${shown}-${rest}${number > 0 ? '' : ' BC'}`);
  }
  expect(dateText(2 ** 31 - 1)).toBe('5881580-07-11');
});

test('times keep every digit and are refused outside a day', () => {
  expect(timeText(86_400_000_000n, 1_000_000n)).toBe('24:00:00');
  expect(timeText(-1n, 1000n)).toBe('-00:00:00.001');
  const nanos = { name: 'timestamp', unitsPerSecond: 1_000_000_000n } as const;
  expect(timestampText(-1n, nanos, 'postgres')).toBe('1969-12-31 23:59:59.999999999+00');
  expect(timestampText(-62_135_596_800_000_000_001n, nanos, 'postgres')).toBe('0001-12-31 23:59:59.999999999+00 BC');
});

test('decimals of any length and floats of the shortest text', () => {
  expect(decimalText(Buffer.from('80', 'hex'), 3)).toBe('-0.128');
  expect(decimalText(Buffer.alloc(0), 2)).toBe('0.00');
  expect(decimalText(Buffer.from(`7f${'ff'.repeat(15)}`, 'hex'), 0)).toBe('170141183460469231731687303715884105727');
  const floats = new Float32Array(1);
  for (let round = 0; round < 2000; round++) {
    new Uint32Array(floats.buffer)[0] = (round * 2_654_435_761) >>> 0;
    const value = floats[0] as number;
    if (Number.isFinite(value)) expect(Math.fround(Number(floatText(value)))).toBe(value);
  }
  expect(floatText(Math.fround(0.1))).toBe('0.1');
  expect(floatText(Number.NaN)).toBe('NaN');
});
