import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A key that secrets are sealed with before they are stored, and the name that sealed ones know it by. */
export interface SealingKey {
  id: string;
  bytes: Buffer;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const ID_BYTES = 6;
// What GCM is made for; random ones repeat only after billions of secrets.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'sealed1';

/** The key of an `AUTH_SECRET`. Neither it nor its name tells anything of the secret or of each other. */
export function deriveSealingKey(authSecret: string): SealingKey {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', authSecret, '', `carga webhook secrets: ${purpose}`, bytes));
  return { id: derive('name of the key', ID_BYTES).toString('base64url'), bytes: derive('key', KEY_BYTES) };
}

/** What the sealed secrets of a key begin with. */
export function sealPrefix({ id }: SealingKey): string {
  return `${VERSION}.${id}.`;
}

/** Seals a secret: `sealed1.<name of the key>.<nonce, ciphertext and tag in base64url>`. */
export function sealSecret(secret: string, key: SealingKey): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return sealPrefix(key) + sealed.toString('base64url');
}

/**
 * Opens a sealed secret with whichever of the keys sealed it; null where none did, or where it was changed. A secret of a
 * release that did not seal them is given back as it is.
 */
export function openSecret(stored: string, keys: readonly SealingKey[]): string | null {
  if (!stored.startsWith(`${VERSION}.`)) return stored;
  const key = keys.find((one) => stored.startsWith(sealPrefix(one)));
  if (!key) return null;
  const sealed = Buffer.from(stored.slice(sealPrefix(key).length), 'base64url');
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, key.bytes, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}
