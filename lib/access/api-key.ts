import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'carga_';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// 43 characters of 62 are 256 bits: a hash without salt and without stretching is enough, since nobody guesses those.
const RANDOM_CHARACTERS = 43;
// Holds any CRC-32: 62^6 is more than 2^32.
const CHECK_CHARACTERS = 6;
const SHOWN_CHARACTERS = 10;
const GENERATED = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECK_CHARACTERS}}$`);

/** A new API key: the secret is shown once, only its hash is kept. */
export function generateApiKey(): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return PREFIX + random + checkOf(PREFIX + random);
}

/**
 * Whether the text is a key of ours with a slip in it: the form is right, the checksum is not. Keys of another form,
 * such as what CARGA_API_KEY was set to, carry none.
 */
export function isMistyped(secret: string): boolean {
  return GENERATED.test(secret) && secret.slice(-CHECK_CHARACTERS) !== checkOf(secret.slice(0, -CHECK_CHARACTERS));
}

/** What is stored of a key. */
export function describeApiKey(secret: string): {
  secretHash: Uint8Array<ArrayBuffer>;
  prefix: string;
  lastFour: string;
} {
  return {
    secretHash: new Uint8Array(createHash('sha256').update(secret).digest()),
    prefix: secret.startsWith(PREFIX) ? secret.slice(0, SHOWN_CHARACTERS) : '',
    lastFour: secret.slice(-4),
  };
}

function checkOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECK_CHARACTERS; place++) {
    digits = ALPHABET[rest % ALPHABET.length] + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
