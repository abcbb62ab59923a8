import { gunzipSync as gunzip } from 'node:zlib';
import { expect, it } from 'vitest';
import { inherits } from './util.ts';
import { gunzipSync, gzipSync } from './zlib.ts';

it('compresses what Node decompresses', () => {
  for (const text of ['', 'a', 'Goiânia\n'.repeat(100_000)]) {
    const bytes = new TextEncoder().encode(text);
    expect(gunzip(gzipSync(bytes)).toString()).toBe(text);
    expect(new TextDecoder().decode(gunzipSync(gzipSync(bytes)))).toBe(text);
  }
});

it('makes errors inherit', () => {
  const Fault = class {};
  inherits(Fault, Error);
  expect(Object.create(Fault.prototype)).toBeInstanceOf(Error);
});
