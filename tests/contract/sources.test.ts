// A job's address is parsed, never fetched: whatever stands in it, no connection is opened.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

let stack: Stack;
let client: StackClient;
let trap: Server;
let port: number;
let connections = 0;
const answers: string[] = [];

beforeAll(async () => {
  stack = await startStack({ workers: 0, env: { S3_ALLOWED_SOURCES: 'parceiro/entrada' } });
  client = await openStackClient(stack);
  trap = createServer((socket: Socket) => {
    connections++;
    socket.destroy();
  });
  // On every address that there is, those of IPv6 where there are any.
  await new Promise<void>((resolve) => trap.listen(0, resolve));
  port = (trap.address() as AddressInfo).port;
});
afterAll(async () => {
  trap?.close();
  await client?.close();
  await stack?.stop();
});

async function refusalOf(url: string) {
  const { status, json, text } = await client.enqueue('fornecedores', { url });
  answers.push(text);
  return { url, status, code: json?.code };
}
const refused = (url: string) => ({ url, status: 403, code: 'source_not_allowed' });

/** This machine, written in every way that some parser takes. */
const LOOPBACK = [
  ...['127.0.0.1', '127.1', '127.0.1', '0x7f.0.0.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.01'],
  ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', 'localhost', 'localhost.', 'LOCALHOST'],
  ...['0.0.0.0', '0', '[::]', '127.0.0.1.nip.io', '①②⑦.⓪.⓪.①', '127。0。0。1', '%6c%6fcalhost'],
];
const PRIVATE = [
  ...['169.254.169.254', '[fd00:ec2::254]', '169.254.170.2', '100.100.100.200', 'metadata.google.internal'],
  ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '[::ffff:a9fe:a9fe]'],
];

test('no address of this machine or its network is asked', async () => {
  const addresses = [
    ...LOOPBACK.flatMap((host) => [`http://${host}:${port}/carga/x.csv`, `https://${host}:${port}/carga/x.csv`]),
    ...PRIVATE.flatMap((host) => [`http://${host}/latest/meta-data`, `http://${host}:${port}/carga/x.csv`]),
  ];
  for (const url of addresses) expect(await refusalOf(url)).toEqual(refused(url));
  expect(connections).toBe(0);
});

test('no other scheme, no user, no other port of the bucket, nothing that resembles it', async () => {
  const { endpoint, bucket } = stack.s3;
  const host = new URL(endpoint).host;
  const key = `${bucket}/x.csv`;
  const addresses = [
    ...['file:///etc/passwd', 'ftp://127.0.0.1/x', 'gopher://127.0.0.1/x', 'data:text/csv,a', 'javascript:1', '//x/y'],
    ...[
      'S3:',
      's3://',
      's3:///x',
      `s3://${bucket}`,
      `s3://${bucket}/`,
      'jar:http://x!/y',
      `http:${host}/${key}`,
      '/x.csv',
    ],
    `http://user:senha@${host}/${key}`,
    `http://${host}@127.0.0.1:${port}/${key}`,
    `http://127.0.0.1:${port}/${key}`,
    `http://127.0.0.1:${port}#@${host}/${key}`,
    `http://127.0.0.1:${port}?@${host}/${key}`,
    `http://127.0.0.1:${port}\\@${host}/${key}`,
    `http://${host}.mau.example/${key}`,
    `http://mau.example/${host}/${key}`,
    `https://${host}/${key}`,
    `http://${host}:${port}/${key}`,
    `http://127.0.0.1:${port}/redirect?to=${endpoint}/${key}`,
  ];
  for (const url of addresses) expect(await refusalOf(url)).toEqual(refused(url));
  expect(connections).toBe(0);
});

test('no other bucket or prefix, however the path climbs', async () => {
  const { endpoint, bucket } = stack.s3;
  const addresses = [
    ...['s3://alheio/x.csv', 's3://parceiro/x.csv', 's3://parceiro/entradas/x.csv', 's3://parceiro/entrada'],
    ...['s3://parceiro/entrada/../x.csv', 's3://parceiro/entrada/%2e%2e/x.csv', 's3://parceiro/entrada/..%2fx.csv'],
    ...['s3://parceiro/entrada/%252e%252e/x.csv', 's3://parceiro/entrada/..\\x.csv', 's3://parceiro/entrada/.%2e/x'],
    ...[`s3://${bucket}/../alheio/x.csv`, `s3://${bucket.toUpperCase()}/x.csv`, `s3://${bucket}%2f..%2falheio/x.csv`],
    ...[
      `${endpoint}/${bucket}/../alheio/x.csv`,
      `${endpoint}/${bucket}/%2e%2e/alheio/x.csv`,
      `${endpoint}/alheio/x.csv`,
    ],
    ...[`${endpoint}/${bucket}%2f..%2falheio/x.csv`, `${endpoint}//x.csv`, `${endpoint}/%00/x.csv`],
  ];
  for (const url of addresses) expect(await refusalOf(url)).toEqual(refused(url));
  // What is allowed is looked for, and not there.
  const { status, json } = await client.enqueue('fornecedores', { url: `s3://${bucket}/nada.csv` });
  expect([status, json.code]).toEqual([422, 'source_not_found']);
});

test('a signature in an address is not repeated', async () => {
  for (const url of [
    `https://mau.example/carga/x.csv?X-Amz-Signature=${'a'.repeat(64)}`,
    `s3://alheio/x.csv?X-Amz-Signature=${'a'.repeat(64)}`,
    `${stack.s3.endpoint}/${stack.s3.bucket}/nada.csv?X-Amz-Signature=${'a'.repeat(64)}`,
  ]) {
    await refusalOf(url);
  }
  expect(await findSecrets(stack, client, answers, ['a'.repeat(64)])).toEqual([]);
});
