import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { generateWebhookSecret, signWebhook } from './sign-webhook.ts';

const message = { id: 'msg_1', timestamp: Math.floor(Date.now() / 1000), body: '{"type":"job.finished","nome":"ção"}' };
const headersOf = (signature: string) => ({
  'webhook-id': message.id,
  'webhook-timestamp': String(message.timestamp),
  'webhook-signature': signature,
});

test("signs what the specification's own library takes", () => {
  const secret = generateWebhookSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const headers = headersOf(signWebhook([secret], message));
  expect(new Webhook(secret).verify(message.body, headers)).toEqual(JSON.parse(message.body));
  expect(() => new Webhook(secret).verify(`${message.body} `, headers)).toThrow();
  expect(() => new Webhook(generateWebhookSecret()).verify(message.body, headers)).toThrow();
});

test("signs the specification's own example as it does", () => {
  const signed = signWebhook(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
  });
  expect(signed).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('while a secret is being changed, receivers with either take the message', () => {
  const [fresh, old] = [generateWebhookSecret(), generateWebhookSecret()];
  const headers = headersOf(signWebhook([fresh, old], message));
  for (const secret of [fresh, old]) expect(new Webhook(secret).verify(message.body, headers)).toBeTypeOf('object');
});
