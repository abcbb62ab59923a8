import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
// The specification asks for 24 to 64 bytes.
const SECRET_BYTES = 32;

/** A new secret: `whsec_` and 256 random bits in base64. */
export function generateWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** A message as it is signed. */
export interface SignedMessage {
  id: string;
  /** Seconds since 1970, of this try. */
  timestamp: number;
  body: string;
}

/**
 * The `webhook-signature` of a message by Standard Webhooks 1.0: one `v1,` and HMAC-SHA-256 per secret. While a secret
 * is being changed there are two, and a receiver takes the message if any is right.
 */
export function signWebhook(secrets: readonly string[], { id, timestamp, body }: SignedMessage): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}
