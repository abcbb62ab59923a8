import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCESS_KEY_ID,
  BUCKET,
  makeClient,
  outcomeOf,
  PLAIN,
  presign,
  send,
  sha256,
  signHeaders,
  startTestServer,
  summary,
  type TestServer,
} from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'there', Body: 'content' }));
});
afterAll(() => server.close());

const put = (Key: string, more = {}) => new PutObjectCommand({ Bucket: BUCKET, Key, ...more });
const wrongSecret = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: 'wrong' };
const isThere = (Key: string) => outcomeOf(server.plainClient.send(new HeadObjectCommand({ Bucket: BUCKET, Key })));

describe('anonymous requests', () => {
  it.each([
    ['GET', '/imports/there'],
    ['HEAD', '/imports/there'],
    ['PUT', '/imports/anonymous'],
    ['DELETE', '/imports/there'],
    ['POST', '/imports/there?uploads'],
    ['GET', '/imports?list-type=2'],
    ['GET', '/'],
    ['GET', '/no-such-bucket/x'],
  ])('are refused: %s %s', async (method, path) => {
    const answer = await send(server.url + path, { method });
    expect(answer.status).toBe(403);
    if (method !== 'HEAD') expect(answer.code).toBe('AccessDenied');
    expect(await isThere('there')).toBe('ok');
  });
});

describe('signatures in headers', () => {
  it('are refused when made with a wrong secret, by an unknown key or for another region', async () => {
    const attempt = (config: object) => {
      const client = makeClient({ endpoint: server.url, ...PLAIN, ...config });
      return outcomeOf(client.send(put('forged', { Body: 'x' }))).finally(() => client.destroy());
    };
    expect(await attempt({ credentials: wrongSecret })).toBe('403 SignatureDoesNotMatch');
    const unknown = { accessKeyId: 'NOBODY', secretAccessKey: 'wrong' };
    expect(await attempt({ credentials: unknown })).toBe('403 InvalidAccessKeyId');
    expect(await attempt({ region: 'eu-west-1' })).toBe('400 AuthorizationHeaderMalformed');
    expect(await isThere('forged')).toBe('404 NotFound');
  });

  it('cover the body through its hash', async () => {
    const url = `${server.url}/${BUCKET}/hash`;
    const { headers } = signHeaders('PUT', url, sha256('honest'));
    expect(summary(await send(url, { method: 'PUT', headers, body: 'forged' }))).toBe('400 XAmzContentSHA256Mismatch');
    expect(await isThere('hash')).toBe('404 NotFound');
    expect(summary(await send(url, { method: 'PUT', headers, body: 'honest' }))).toBe('200');
  });

  it('are refused beside an x-amz header that nobody signed', async () => {
    const url = `${server.url}/${BUCKET}/unsigned-header`;
    const { headers } = signHeaders('PUT', url, 'UNSIGNED-PAYLOAD');
    const withExtra = { ...headers, 'x-amz-meta-owner': 'somebody else' };
    const answer = await send(url, { method: 'PUT', headers: withExtra, body: 'x' });
    expect(summary(answer)).toBe('403 AccessDenied');
    expect(answer.body).toContain('x-amz-meta-owner');
  });

  it('are refused when the clocks differ by more than a quarter of an hour, either way', async () => {
    const url = `${server.url}/${BUCKET}/there`;
    const attempt = async (minutes: number) => {
      const date = new Date(Date.now() + minutes * 60_000);
      return summary(await send(url, { headers: signHeaders('GET', url, 'UNSIGNED-PAYLOAD', {}, date).headers }));
    };
    expect(await attempt(-14)).toBe('200');
    expect(await attempt(14)).toBe('200');
    expect(await attempt(-16)).toBe('403 RequestTimeTooSkewed');
    expect(await attempt(16)).toBe('403 RequestTimeTooSkewed');
  });

  it('are refused without the host, without a payload hash, or in another form', async () => {
    const url = `${server.url}/${BUCKET}/there`;
    const { headers } = signHeaders('GET', url, 'UNSIGNED-PAYLOAD');
    const { authorization = '', ...others } = headers;
    const attempt = async (changed: Record<string, string>) => summary(await send(url, { headers: changed }));
    expect(await attempt({ ...others, authorization: authorization.replace('=host;', '=') })).toBe('403 AccessDenied');
    const { 'x-amz-content-sha256': _, ...withoutHash } = headers;
    expect(await attempt(withoutHash)).toBe('400 InvalidRequest');
    expect(await attempt({ ...others, authorization: 'AWS TESTKEY:abc=' })).toBe('400 AuthorizationHeaderMalformed');
    expect(await attempt({ ...headers, authorization: `${authorization}0` })).toBe('403 SignatureDoesNotMatch');
  });

  it('do not go with a signature in the query', async () => {
    const url = await presign(server.plainClient, new GetObjectCommand({ Bucket: BUCKET, Key: 'there' }));
    const { headers } = signHeaders('GET', url, 'UNSIGNED-PAYLOAD');
    expect(summary(await send(url, { headers }))).toBe('400 InvalidArgument');
  });
});

describe('presigned addresses', () => {
  it('let a file be put and read without credentials', async () => {
    const url = await presign(server.plainClient, put('signed'));
    expect(summary(await send(url, { method: 'PUT', body: 'by anybody' }))).toBe('200');
    const getUrl = await presign(server.plainClient, new GetObjectCommand({ Bucket: BUCKET, Key: 'signed' }));
    expect((await send(getUrl)).body).toBe('by anybody');
  });

  it('are refused when made with a wrong secret or by an unknown key', async () => {
    for (const [credentials, code] of [
      [wrongSecret, 'SignatureDoesNotMatch'],
      [{ accessKeyId: 'NOBODY', secretAccessKey: 'wrong' }, 'InvalidAccessKeyId'],
    ] as const) {
      const url = await presign(server.clientWith({ ...PLAIN, credentials }), put('forged'));
      expect(summary(await send(url, { method: 'PUT', body: 'x' }))).toBe(`403 ${code}`);
    }
  });

  it('are refused for another key, another bucket, another method or another query', async () => {
    const url = await presign(server.plainClient, put('mine'));
    const attempt = async (edited: string, method = 'PUT') => summary(await send(edited, { method, body: 'x' }));
    expect(await attempt(url.replace('/mine?', '/yours?'))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(url.replace('/imports/', '/exports/'))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(url, 'GET')).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(url, 'DELETE')).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(`${url}&partNumber=1&uploadId=x`)).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(`${url}&x-amz-meta-a=b`)).toBe('403 SignatureDoesNotMatch');
    expect(await attempt(`${url}&X-Amz-Expires=3000`)).toBe('400 InvalidArgument');
    expect(await attempt(url)).toBe('200');
  });

  it('hold the content type and the length when these are signed', async () => {
    const command = put('typed', { ContentType: 'application/vnd.apache.parquet', ContentLength: 5 });
    const url = await presign(server.plainClient, command, { signableHeaders: new Set(['content-type', 'host']) });
    expect(url).toContain('X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost');
    const attempt = async (type: string, body: string) =>
      summary(await send(url, { method: 'PUT', body, headers: { 'content-type': type } }));
    expect(await attempt('text/html', '12345')).toBe('403 SignatureDoesNotMatch');
    expect(await attempt('application/vnd.apache.parquet', '123456')).toBe('403 SignatureDoesNotMatch');
    expect(await attempt('application/vnd.apache.parquet', '1234')).toBe('403 SignatureDoesNotMatch');
    const chunked = { 'content-type': 'application/vnd.apache.parquet', 'transfer-encoding': 'chunked' };
    expect(summary(await send(url, { method: 'PUT', headers: chunked }))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt('application/vnd.apache.parquet', '12345')).toBe('200');
  });

  it('end when they say, begin when they say, and live seven days at most', async () => {
    const get = new GetObjectCommand({ Bucket: BUCKET, Key: 'there' });
    const attempt = async (secondsAgo: number, expiresIn: number) => {
      const signingDate = new Date(Date.now() - secondsAgo * 1000);
      return summary(await send(await presign(server.plainClient, get, { signingDate, expiresIn })));
    };
    expect(await attempt(50, 60)).toBe('200');
    expect(await attempt(62, 60)).toBe('403 AccessDenied');
    expect(await attempt(-1000, 60)).toBe('403 AccessDenied');
    expect(await attempt(6 * 86_400, 604_800)).toBe('200');
    const url = await presign(server.plainClient, get);
    const longer = url.replace('X-Amz-Expires=300', 'X-Amz-Expires=604801');
    expect(summary(await send(longer))).toBe('400 AuthorizationQueryParametersError');
  });

  it('are refused beside an x-amz header that nobody signed', async () => {
    const url = await presign(server.plainClient, put('mine'));
    const headers = { 'x-amz-copy-source': `${BUCKET}/there` };
    expect(summary(await send(url, { method: 'PUT', headers }))).toBe('403 AccessDenied');
  });
});

it('answers a refusal in XML, without a stack, and closes instead of resetting while a body is still coming', async () => {
  const url = await presign(server.clientWith({ ...PLAIN, credentials: wrongSecret }), put('forged'));
  const answer = await send(url, { method: 'PUT', body: Buffer.alloc(8 * 1024 * 1024) });
  expect(summary(answer)).toBe('403 SignatureDoesNotMatch');
  expect(answer.headers['content-type']).toBe('application/xml');
  expect(answer.headers.connection).toBe('close');
  expect(answer.body).toMatch(
    /^<\?xml .*<Error><Code>\w+<\/Code><Message>[^<]+<\/Message><RequestId>\w+<\/RequestId><\/Error>$/s,
  );
  expect(answer.body).not.toMatch(/\.ts|node:|stack/i);
});
