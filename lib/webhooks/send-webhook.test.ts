import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPublicAddresses, isPublicAddress, type Lookup } from './public-address.ts';
import { sendWebhook } from './send-webhook.ts';
import { generateWebhookSecret } from './sign-webhook.ts';

const secrets = [generateWebhookSecret()];
let sockets: Socket[];
const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
beforeEach(() => {
  sockets = [];
  subscribe('net.client.socket', note);
});
afterEach(() => {
  unsubscribe('net.client.socket', note);
});

/** A server on loopback for the time of a test. */
async function withReceiver<T>(answer: RequestListener, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const send = (url: string, allowedHosts: string[] = [], more: { lookup?: Lookup; timeoutMs?: number } = {}) =>
  sendWebhook({ url, id: 'msg_1', body: '{}', secrets }, { allowedHosts, ...more });

/** Every way to write an address that leads inside, or nowhere on the internet. */
const INSIDE = [
  ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0177.0.0.1/'],
  ...['http://localhost/', 'http://0/', 'http://0.0.0.0:22/', 'http://10.0.0.1/'],
  ...['http://172.16.0.1/', 'http://172.31.255.255/', 'http://192.168.1.1:8080/', 'http://100.64.0.1/'],
  ...['http://169.254.169.254/latest/meta-data/', 'http://192.0.0.192/', 'http://198.18.0.1/', 'http://224.0.0.1/'],
  ...['http://255.255.255.255/', 'http://240.0.0.1/', 'http://192.0.2.1/', 'http://203.0.113.9/'],
  ...[
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
  ],
  ...['http://[fe80::1]/', 'http://[fc00::1]/', 'http://[fd00:ec2::254]/', 'http://[ff02::1]/', 'http://[100::1]/'],
  ...['http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001::1]/', 'http://[2001:db8::1]/'],
  ...['http://１２７.０.０.１/', 'http://127。0。0。1/', 'https://[::1]:443/'],
];

describe('addresses that are not public', () => {
  test.each(INSIDE)('%s is refused, at registration and at delivery, with no socket opened', async (url) => {
    await expect(findPublicAddresses(new URL(url), [])).rejects.toMatchObject({ code: 'webhook_address_refused' });
    expect(await send(url)).toMatchObject({ status: null, error: 'address_refused' });
    expect(sockets).toHaveLength(0);
  });

  test('a name with one address inside is refused whatever its others are', async () => {
    const lookup: Lookup = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await send('http://meio.example/', [], { lookup })).toMatchObject({ error: 'address_refused' });
    expect(sockets).toHaveLength(0);
  });

  test('a name that leads elsewhere the second time is asked for once, and the checked address is used', async () => {
    const answers = [[{ address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.2', family: 4 }]];
    const hosts: (string | undefined)[] = [];
    const lookup: Lookup = async () => answers.shift() ?? [];
    const tried = await withReceiver(
      (request, response) => {
        hosts.push(request.headers.host, request.socket.localAddress);
        response.end();
      },
      (port) => send(`http://troca.example:${port}/`, ['troca.example'], { lookup }),
    );
    expect(tried).toMatchObject({ status: 200, error: null });
    expect(hosts).toEqual([expect.stringMatching(/^troca\.example:/), '127.0.0.1']);
    expect(answers).toHaveLength(1);
  });

  test('public ones are taken', () => {
    for (const address of [
      '8.8.8.8',
      '93.184.216.34',
      '100.128.0.1',
      '172.32.0.1',
      '2606:4700::1111',
      '2a00:1450::1',
    ]) {
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    }
  });
});

describe('what comes of a message', () => {
  test('the operator may name a host inside, with its port or for all of them', async () => {
    await withReceiver(
      (_request, response) => response.end('ok'),
      async (port) => {
        const url = `http://127.0.0.1:${port}/x`;
        expect(await send(url, [`127.0.0.1:${port}`])).toMatchObject({ status: 200, error: null, response: 'ok' });
        expect(await send(url, ['127.0.0.1'])).toMatchObject({ status: 200 });
        expect(await send(url, ['127.0.0.1:1', 'localhost'])).toMatchObject({ error: 'address_refused' });
      },
    );
  });

  test('a redirect is not followed', async () => {
    const paths: (string | undefined)[] = [];
    const tried = await withReceiver(
      (request, response) => {
        paths.push(request.url);
        response.writeHead(302, { location: '/inside' }).end();
      },
      (port) => send(`http://127.0.0.1:${port}/out`, ['127.0.0.1']),
    );
    expect(tried).toMatchObject({ status: 302, error: 'http_status' });
    expect(paths).toEqual(['/out']);
  });

  test('of a long answer the first kilobyte is kept, the rest not waited for', async () => {
    const tried = await withReceiver(
      (_request, response) => {
        response.writeHead(500);
        response.write(`a\0${'x'.repeat(100_000)}`);
      },
      (port) => send(`http://127.0.0.1:${port}/`, ['127.0.0.1']),
    );
    expect(tried).toMatchObject({ status: 500, error: 'http_status' });
    expect(tried.response).toBe(`a\ufffd${'x'.repeat(1022)}`);
  });

  test('a receiver that does not answer is not waited for', async () => {
    const tried = await withReceiver(
      () => {},
      (port) => send(`http://127.0.0.1:${port}/`, ['127.0.0.1'], { timeoutMs: 300 }),
    );
    expect(tried).toMatchObject({ status: null, error: 'timeout' });
  });

  test('nobody there, no such name', async () => {
    const port = await withReceiver(
      () => {},
      async (free) => free,
    );
    expect(await send(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      error: 'connection_failed',
      detail: 'ECONNREFUSED',
    });
    expect(await send('http://nada.invalid/')).toMatchObject({ error: 'host_not_found' });
  });
});
