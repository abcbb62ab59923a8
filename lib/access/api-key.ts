import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'carga_';
// 256 bits: a hash without salt and without stretching is enough, since nobody guesses the secret.
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 10;

/** A new API key: the secret is shown once, only its hash is kept. */
export function generateApiKey(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
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
