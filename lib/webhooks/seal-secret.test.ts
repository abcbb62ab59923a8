import { expect, test } from 'vitest';
import { deriveSealingKey, openSecret, sealPrefix, sealSecret } from './seal-secret.ts';
import { generateWebhookSecret } from './sign-webhook.ts';

const [key, other] = [deriveSealingKey('a'.repeat(32)), deriveSealingKey('b'.repeat(32))];

test('a sealed secret opens with its key among others, and says nothing of itself', () => {
  const secret = generateWebhookSecret();
  const sealed = sealSecret(secret, key);
  expect(sealed).toMatch(/^sealed1\.[\w-]{8}\.[\w-]+$/);
  expect(sealed.startsWith(sealPrefix(key))).toBe(true);
  expect(sealed).not.toContain(secret.slice('whsec_'.length, 20));
  expect(sealSecret(secret, key)).not.toBe(sealed);
  expect(openSecret(sealed, [other, key])).toBe(secret);
});

test('without its key, or changed anywhere, it does not open', () => {
  const sealed = sealSecret('whsec_eA==', key);
  expect(openSecret(sealed, [other])).toBeNull();
  expect(openSecret(sealed, [])).toBeNull();
  const body = Buffer.from(sealed.slice(sealPrefix(key).length), 'base64url');
  for (let i = 0; i < body.length; i++) {
    const changed = Buffer.from(body);
    changed.writeUInt8((changed.readUInt8(i) + 1) % 256, i);
    expect(openSecret(sealPrefix(key) + changed.toString('base64url'), [key])).toBeNull();
  }
  expect(openSecret(sealed.slice(0, -1), [key])).toBeNull();
  expect(openSecret(sealPrefix(key), [key])).toBeNull();
});

test('one that was stored before they were sealed is taken as it is', () => {
  expect(openSecret('whsec_eA==', [key])).toBe('whsec_eA==');
});

test('a key and its name come from the secret alone', () => {
  expect(deriveSealingKey('a'.repeat(32))).toEqual(key);
  expect(key.id).not.toBe(other.id);
  expect(key.bytes.toString('base64url')).not.toContain(key.id);
});
