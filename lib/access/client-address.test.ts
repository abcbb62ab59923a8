import { expect, test } from 'vitest';
import { addressOf } from './client-address.ts';

test.each([
  ['the socket', '10.0.0.9', '', [], '10.0.0.9'],
  ['not what the client claims', '10.0.0.9', '1.2.3.4', [], '10.0.0.9'],
  ['an IPv4 address without its IPv6 dress', '::ffff:10.0.0.9', '', [], '10.0.0.9'],
  ['what a trusted proxy saw', '10.0.0.1', '1.2.3.4', ['10.0.0.1'], '1.2.3.4'],
  ['what the trusted proxy saw, not what its client claimed', '10.0.0.1', '6.6.6.6, 1.2.3.4', ['10.0.0.1'], '1.2.3.4'],
  ['past two trusted proxies', '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', ['10.0.0.1', '10.0.0.2'], '1.2.3.4'],
  ['the proxy itself, when it says nothing', '10.0.0.1', '', ['10.0.0.1'], '10.0.0.1'],
])('%s', (_name, socket, forwardedFor, trusted, expected) => {
  expect(addressOf(socket, forwardedFor, trusted)).toBe(expected);
});
