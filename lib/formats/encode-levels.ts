/**
 * Definition levels of an optional column (1: a value, 0: none) in Parquet's hybrid encoding after their length in four
 * bytes: one run where all are equal, else all of them as bits.
 */
export function encodeLevels(levels: Uint8Array): Uint8Array {
  const first = levels[0] ?? 0;
  if (!levels.includes(1 - first)) {
    const header = varint(levels.length * 2);
    return withLength([...header, first]);
  }
  const groups = Math.ceil(levels.length / 8);
  const header = varint(groups * 2 + 1);
  const body = new Uint8Array(header.length + groups);
  body.set(header);
  for (let index = 0; index < levels.length; index++) {
    const at = header.length + (index >> 3);
    body[at] = (body[at] as number) | ((levels[index] as number) << (index & 7));
  }
  return withLength(body);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

function withLength(body: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, 4);
  return bytes;
}
