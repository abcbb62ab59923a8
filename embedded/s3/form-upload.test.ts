import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCESS_KEY_ID,
  amzDate,
  BUCKET,
  hmacHex,
  ORIGIN,
  outcomeOf,
  REGION,
  SECRET_ACCESS_KEY,
  send,
  signingKey,
  startTestServer,
  summary,
  type TestServer,
} from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ buckets: [BUCKET, 'exports'], maxObjectBytes: 100_000 });
});
afterAll(() => server.close());

interface Form {
  key?: string;
  conditions?: unknown[];
  fields?: Record<string, string>;
  expiresInSeconds?: number;
  secret?: string;
  accessKeyId?: string;
  file?: string | null;
  bucket?: string;
  /** Replaces the policy's JSON after it was signed. */
  tamper?: (policy: string) => string;
  /** Fields behind the file. */
  trailing?: Record<string, string>;
}

/** Makes a form as a server would sign it and a browser send it. */
function makeForm(form: Form): { url: string; body: FormData } {
  const { key = 'posted', conditions, fields = {}, expiresInSeconds = 300, file = 'content', bucket = BUCKET } = form;
  const timestamp = amzDate();
  const day = timestamp.slice(0, 8);
  const signed = {
    key,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${form.accessKeyId ?? ACCESS_KEY_ID}/${day}/${REGION}/s3/aws4_request`,
    'X-Amz-Date': timestamp,
  };
  const policy = JSON.stringify({
    expiration: new Date(Date.now() + expiresInSeconds * 1000).toISOString(),
    conditions: conditions ?? [
      { bucket: BUCKET },
      ...Object.entries(signed).map(([name, value]) => ({ [name]: value })),
    ],
  });
  const encoded = Buffer.from(policy).toString('base64');
  const signature = hmacHex(signingKey(day, form.secret ?? SECRET_ACCESS_KEY), encoded);
  const sentPolicy = form.tamper ? Buffer.from(form.tamper(policy)).toString('base64') : encoded;
  const body = new FormData();
  const all = { ...signed, ...fields, Policy: sentPolicy, 'X-Amz-Signature': signature };
  for (const [name, value] of Object.entries(all)) body.append(name, value);
  if (file !== null) body.append('file', new Blob([file]), 'C:\\folder\\my file.csv');
  for (const [name, value] of Object.entries(form.trailing ?? {})) body.append(name, value);
  return { url: `${server.url}/${bucket}`, body };
}

async function post(form: Form = {}): Promise<string> {
  const { url, body } = makeForm(form);
  const response = await fetch(url, { method: 'POST', body });
  return `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1] ?? ''}`.trim();
}

/** The conditions that every form here needs, and more. */
const withBase = (...more: unknown[]) => [
  { bucket: BUCKET },
  ['starts-with', '$key', ''],
  ['starts-with', '$x-amz-algorithm', ''],
  ['starts-with', '$x-amz-credential', ''],
  ['starts-with', '$x-amz-date', ''],
  ...more,
];

const read = (Key: string) => server.plainClient.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
const isThere = (Key: string) => outcomeOf(server.plainClient.send(new HeadObjectCommand({ Bucket: BUCKET, Key })));

describe('a form with a signed policy', () => {
  it('puts its file', async () => {
    const conditions = withBase(
      ['content-length-range', 1, 100],
      ['starts-with', '$Content-Type', 'text/'],
      ['eq', '$x-amz-meta-a', 'b'],
      ['starts-with', '$success_action_status', ''],
    );
    const fields = {
      'Content-Type': 'text/csv',
      'x-amz-meta-a': 'b',
      success_action_status: '201',
      'x-ignore-me': 'x',
    };
    const { url, body } = makeForm({ key: 'forms/$' + '{filename}', conditions, fields });
    const response = await fetch(url, { method: 'POST', body });
    expect(response.status).toBe(201);
    expect(await response.text()).toContain('<Key>forms/my file.csv</Key>');
    expect(response.headers.get('etag')).toBe(`"${createHash('md5').update('content').digest('hex')}"`);
    const stored = await read('forms/my file.csv');
    expect(stored).toMatchObject({ ContentType: 'text/csv', Metadata: { a: 'b' } });
    expect(await stored.Body!.transformToString()).toBe('content');
  });

  it('takes binary files whose bytes look like the border of a part', async () => {
    const file = `\r\n--\r\n------WebKitFormBoundary\r\n\r\n--${'-'.repeat(50_000)}`;
    expect(await post({ key: 'borders', file })).toBe('204');
    expect(await (await read('borders')).Body!.transformToString()).toBe(file);
  });

  it('may be sent from a page of a listed origin', async () => {
    const { url, body } = makeForm({});
    const response = await fetch(url, { method: 'POST', body, headers: { origin: ORIGIN } });
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });
});

describe('a form is refused', () => {
  it.each<[string, Form, string]>([
    ['signed with a wrong secret', { secret: 'wrong' }, '403 SignatureDoesNotMatch'],
    ['of an unknown key', { accessKeyId: 'NOBODY' }, '403 InvalidAccessKeyId'],
    [
      'whose policy was edited',
      { tamper: (policy) => policy.replace('refused/', 'edited/') },
      '403 SignatureDoesNotMatch',
    ],
    ['that has expired', { expiresInSeconds: -1 }, '403 AccessDenied'],
    ['for another key', { conditions: withBase(['eq', '$key', 'another']) }, '403 AccessDenied'],
    ['for another prefix', { conditions: withBase(['starts-with', '$key', 'another/']) }, '403 AccessDenied'],
    ['for another bucket', { bucket: 'exports' }, '403 AccessDenied'],
    ['for a bucket that is not there', { bucket: 'absent' }, '403 AccessDenied'],
    ['for no bucket', { conditions: withBase().slice(1) }, '403 AccessDenied'],
    ['with a field that no condition covers', { fields: { 'x-amz-meta-a': 'b' } }, '403 AccessDenied'],
    [
      'without a field that a condition asks for',
      { conditions: withBase(['eq', '$content-type', '']) },
      '403 AccessDenied',
    ],
    [
      'with another type',
      { conditions: withBase({ 'content-type': 'a/b' }), fields: { 'Content-Type': 'a/c' } },
      '403 AccessDenied',
    ],
    ['with a file that is too large', { conditions: withBase(['content-length-range', 0, 6]) }, '400 EntityTooLarge'],
    ['with a file that is too small', { conditions: withBase(['content-length-range', 8, 100]) }, '400 EntityTooSmall'],
    ['with a file over the limit of the server', { file: 'x'.repeat(100_001) }, '400 EntityTooLarge'],
    ['with a policy that is none', { conditions: withBase(['between', '$key', 'a']) }, '400 InvalidPolicyDocument'],
    ['with numbers for texts', { conditions: withBase({ key: 1 }) }, '400 InvalidPolicyDocument'],
    ['without a file', { file: null }, '400 MalformedPOSTRequest'],
    ['with fields behind its file', { trailing: { late: 'x' } }, '400 MalformedPOSTRequest'],
    ['without a key', { key: '', conditions: withBase() }, '400 InvalidArgument'],
    ['with a key that is too long', { key: 'k'.repeat(1025) }, '400 KeyTooLongError'],
    [
      'for all to read',
      { conditions: withBase({ acl: 'public-read' }), fields: { acl: 'public-read' } },
      '501 NotImplemented',
    ],
    [
      'that redirects',
      {
        conditions: withBase(['starts-with', '$success_action_redirect', '']),
        fields: { success_action_redirect: 'http://x' },
      },
      '501 NotImplemented',
    ],
    [
      'with a wrong checksum',
      {
        conditions: withBase(['starts-with', '$x-amz-checksum-crc32', '']),
        fields: { 'x-amz-checksum-crc32': 'AAAAAA==' },
      },
      '400 BadDigest',
    ],
    ['with endless fields', { fields: { note: 'x'.repeat(70_000) } }, '400 MaxMessageLengthExceeded'],
  ])('%s', async (_, form, outcome) => {
    const key = form.key ?? `refused/${Math.random()}`;
    expect(await post({ ...form, key })).toBe(outcome);
    if (key !== '' && key.length < 1024) expect(await isThere(key)).toBe('404 NotFound');
  });

  it('without a policy, cut short, or in another shape', async () => {
    const url = `${server.url}/${BUCKET}`;
    const headers = { 'content-type': 'multipart/form-data; boundary=B' };
    const attempt = async (body: string, type = headers) =>
      summary(await send(url, { method: 'POST', body, headers: type }));
    const part = (name: string, value: string) =>
      `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    expect(await attempt(`${part('key', 'anonymous')}${part('file', 'x')}--B--`)).toBe('403 AccessDenied');
    expect(await attempt(`${part('key', 'a')}${part('key', 'b')}${part('file', 'x')}--B--`)).toBe(
      '400 MalformedPOSTRequest',
    );
    expect(await attempt(part('key', 'x').slice(0, -2))).toBe('400 IncompleteBody');
    expect(await attempt('nonsense\r\n')).toBe('400 MalformedPOSTRequest');
    expect(await attempt('')).toBe('400 MalformedPOSTRequest');
    expect(await attempt('x', { 'content-type': 'multipart/form-data' })).toBe('400 MalformedPOSTRequest');
    expect(await isThere('anonymous')).toBe('404 NotFound');
  });
});
