import { crc32 } from 'node:zlib';

/** A checksum that is fed piece by piece. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** CRC-32 as in zip and Ethernet, from zlib. */
export class Crc32 implements RunningChecksum {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    const result = Buffer.alloc(4);
    result.writeUInt32BE(this.#value);
    return result;
  }
}

// Both polynomials are written with their bits reversed, as both checksums take the lowest bit first.
const CRC32_POLYNOMIAL = 0xedb88320n;
const CRC32C_POLYNOMIAL = 0x82f63b78n;
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

function remaindersOfBytes(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let remainder = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
    }
    return remainder;
  });
}

const CRC32C_TABLE = Uint32Array.from(remaindersOfBytes(CRC32C_POLYNOMIAL), Number);

/** CRC-32C (Castagnoli), which node has no built-in for. */
export class Crc32c implements RunningChecksum {
  #state = -1;

  update(bytes: Uint8Array): void {
    let state = this.#state;
    for (let i = 0; i < bytes.length; i++) {
      state = (state >>> 8) ^ CRC32C_TABLE[(state ^ bytes[i]!) & 0xff]!;
    }
    this.#state = state;
  }

  digest(): Buffer {
    const result = Buffer.alloc(4);
    result.writeUInt32BE(~this.#state >>> 0);
    return result;
  }
}

// Two halves of 32 bits each: BigInt arithmetic per byte is some fifty times slower.
const CRC64_REMAINDERS = remaindersOfBytes(CRC64NVME_POLYNOMIAL);
const CRC64_TABLE_HIGH = Uint32Array.from(CRC64_REMAINDERS, (remainder) => Number(remainder >> 32n));
const CRC64_TABLE_LOW = Uint32Array.from(CRC64_REMAINDERS, (remainder) => Number(remainder & 0xffffffffn));

/** CRC-64/NVME, what recent AWS tools choose when they may. */
export class Crc64Nvme implements RunningChecksum {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      const entry = (low ^ bytes[i]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ CRC64_TABLE_LOW[entry]!;
      high = (high >>> 8) ^ CRC64_TABLE_HIGH[entry]!;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    const result = Buffer.alloc(8);
    result.writeUInt32BE(~this.#high >>> 0, 0);
    result.writeUInt32BE(~this.#low >>> 0, 4);
    return result;
  }
}

const COMBINABLE = {
  crc32: { polynomial: CRC32_POLYNOMIAL, bits: 32n },
  crc32c: { polynomial: CRC32C_POLYNOMIAL, bits: 32n },
  crc64nvme: { polynomial: CRC64NVME_POLYNOMIAL, bits: 64n },
} as const;

export type CombinableCrc = keyof typeof COMBINABLE;

/** Tells whether the checksum of a whole can be computed from the checksums of its parts. */
export function isCombinableCrc(name: string): name is CombinableCrc {
  return Object.hasOwn(COMBINABLE, name);
}

/**
 * The CRC of parts laid end to end, from their CRCs and lengths alone, so that completing a multipart upload
 * need not read its parts again. Appending n bytes multiplies a CRC by x^(8n) modulo the polynomial.
 */
export function combineCrcs(name: CombinableCrc, parts: readonly { digest: Buffer; size: number }[]): Buffer {
  const { polynomial, bits } = COMBINABLE[name];
  let combined = 0n;
  for (const part of parts) {
    const shift = powerOfX(BigInt(part.size) * 8n, polynomial, bits);
    combined = multiply(combined, shift, polynomial, bits) ^ BigInt(`0x${part.digest.toString('hex')}`);
  }
  return Buffer.from(combined.toString(16).padStart(Number(bits) / 4, '0'), 'hex');
}

function multiply(a: bigint, b: bigint, polynomial: bigint, bits: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = bits - 1n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, polynomial: bigint, bits: bigint): bigint {
  // With reversed bits the highest bit stands for x^0 and the one below it for x^1.
  let result = 1n << (bits - 1n);
  let square = 1n << (bits - 2n);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, square, polynomial, bits);
    square = multiply(square, square, polynomial, bits);
  }
  return result;
}
