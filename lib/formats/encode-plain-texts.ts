const encoder = new TextEncoder();

/** Below this a loop beats the call into the browser's encoder, whose overhead is some hundred nanoseconds. */
const MAX_LOOP_CHARS = 256;

/**
 * Texts in Parquet's PLAIN encoding, each as UTF-8 after its length in four bytes (little endian). A lone surrogate
 * becomes U+FFFD, as in TextEncoder.
 */
export function encodePlainTexts(texts: readonly string[]): Uint8Array {
  let chars = 0;
  for (const text of texts) chars += text.length + 4;
  let bytes = new Uint8Array(chars + (chars >> 3) + 1024);
  let position = 0;
  for (const text of texts) {
    const needed = position + 4 + text.length * 3;
    if (needed > bytes.length) bytes = grow(bytes, position, needed);
    const start = position + 4;
    const end = text.length <= MAX_LOOP_CHARS ? encodeByHand(text, bytes, start) : -1;
    position = end === -1 ? start + encoder.encodeInto(text, bytes.subarray(start)).written : end;
    writeLength(bytes, start - 4, position - start);
  }
  return bytes.subarray(0, position);
}

/** The end of the text in `bytes`, or -1 if it holds surrogates, which are left to the encoder. */
function encodeByHand(text: string, bytes: Uint8Array, start: number): number {
  let position = start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[position++] = code;
    } else if (code < 0x800) {
      bytes[position++] = 0xc0 | (code >> 6);
      bytes[position++] = 0x80 | (code & 0x3f);
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[position++] = 0xe0 | (code >> 12);
      bytes[position++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[position++] = 0x80 | (code & 0x3f);
    } else {
      return -1;
    }
  }
  return position;
}

function writeLength(bytes: Uint8Array, position: number, length: number): void {
  bytes[position] = length;
  bytes[position + 1] = length >>> 8;
  bytes[position + 2] = length >>> 16;
  bytes[position + 3] = length >>> 24;
}

function grow(bytes: Uint8Array, used: number, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2));
  larger.set(bytes.subarray(0, used));
  return larger;
}
