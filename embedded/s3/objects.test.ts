import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BUCKET,
  outcomeOf,
  presign,
  send,
  signHeaders,
  startTestServer,
  summary,
  type TestServer,
} from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ maxObjectBytes: 1_000_000 });
});
afterAll(() => server.close());

const put = (Key: string, Body: string, more = {}) =>
  server.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  server.plainClient.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));
const textOf = async (Key: string, more = {}) => (await get(Key, more)).Body!.transformToString();
const dataFiles = () => readdir(join(server.directory, 'data'));

describe('objects', () => {
  it('come back as they were put, with their type, headers and metadata', async () => {
    const LastModified = new Date(Math.floor(Date.now() / 1000) * 1000);
    const { ETag } = await put('kept', 'hello', {
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentLanguage: 'pt',
      Metadata: { owner: 'somebody', 'batch-number': '7' },
    });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const read = await get('kept');
    expect(await read.Body!.transformToString()).toBe('hello');
    expect(read).toMatchObject({
      ETag,
      ContentLength: 5,
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentLanguage: 'pt',
      Metadata: { owner: 'somebody', 'batch-number': '7' },
      AcceptRanges: 'bytes',
    });
    expect(read.LastModified!.getTime()).toBeGreaterThanOrEqual(LastModified.getTime());
    const head = await server.client.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'kept', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ ETag, ContentLength: 5, ContentLanguage: 'pt', ChecksumCRC32: 'NhCmhg==' });
  });

  it('may be empty', async () => {
    await put('empty', '', { ContentLength: 0 });
    expect(await textOf('empty')).toBe('');
    expect(await outcomeOf(get('empty', { Range: 'bytes=0-' }))).toBe('416 InvalidRange');
  });

  it('cannot run as a page: their type is not guessed and their scripts are off', async () => {
    await put('page.html', '<script>alert(1)</script>', { ContentType: 'text/html' });
    const { headers } = await send(
      await presign(server.plainClient, new GetObjectCommand({ Bucket: BUCKET, Key: 'page.html' })),
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it('are served under another type or name where the signer asks for it', async () => {
    await put('named', 'x');
    const ResponseContentDisposition = `attachment; filename*=UTF-8''relat%C3%B3rio.csv`;
    const command = new GetObjectCommand({
      Bucket: BUCKET,
      Key: 'named',
      ResponseContentType: 'text/csv',
      ResponseContentDisposition,
    });
    const url = await presign(server.plainClient, command);
    const { headers } = await send(url);
    expect(headers['content-type']).toBe('text/csv');
    expect(headers['content-disposition']).toBe(ResponseContentDisposition);
    const edited = url.replace('text%2Fcsv', 'text%2Fhtml');
    expect(summary(await send(edited))).toBe('403 SignatureDoesNotMatch');
    const plain = await presign(server.plainClient, new GetObjectCommand({ Bucket: BUCKET, Key: 'named' }));
    expect(summary(await send(`${plain}&response-content-type=text/html`))).toBe('403 SignatureDoesNotMatch');
    const injected = new GetObjectCommand({ Bucket: BUCKET, Key: 'named', ResponseContentType: 'a\r\nset-cookie: b' });
    expect(summary(await send(await presign(server.plainClient, injected)))).toBe('400 InvalidArgument');
  });

  it('leave the disk when they are overwritten or deleted', async () => {
    const before = (await dataFiles()).length;
    await put('short-lived', 'one');
    await put('short-lived', 'two');
    expect((await dataFiles()).length).toBe(before + 1);
    await server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'short-lived' }));
    expect((await dataFiles()).length).toBe(before);
    expect(await outcomeOf(get('short-lived'))).toBe('404 NoSuchKey');
    expect(await outcomeOf(server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'short-lived' })))).toBe(
      'ok',
    );
  });

  it('cannot be larger than the limit, nor have more than 2 kB of metadata', async () => {
    expect(await outcomeOf(put('large', 'x'.repeat(1_000_001)))).toBe('400 EntityTooLarge');
    expect(await outcomeOf(put('large', 'x'.repeat(1_000_000)))).toBe('ok');
    expect(await outcomeOf(put('m', 'x', { Metadata: { a: 'x'.repeat(2048) } }))).toBe('400 MetadataTooLarge');
  });

  it('are deleted many at a time, and those that are not there count as deleted', async () => {
    const keys = ['many/1', 'many/<&>', 'many/\u0001', 'many/absent'];
    for (const key of keys.slice(0, 3)) await put(key, 'x');
    const Objects = keys.map((Key) => ({ Key }));
    const { Deleted, Errors } = await server.client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
    expect(Errors).toBeUndefined();
    const { KeyCount } = await server.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'many/' }));
    expect(KeyCount).toBe(0);
    const versioned = { Objects: [{ Key: 'named', VersionId: 'v1' }] };
    const refused = await server.client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: versioned }));
    expect(refused.Errors).toMatchObject([{ Key: 'named', Code: 'NotImplemented' }]);
    expect(await textOf('named')).toBe('x');
  });
});

describe('ranges', () => {
  beforeAll(async () => {
    await put('digits', '0123456789');
  });

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-20', '0123456789', 'bytes 0-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
  ])('%s is served in part', async (Range, text, ContentRange) => {
    const read = await get('digits', { Range });
    expect(read.$metadata.httpStatusCode).toBe(206);
    expect(read.ContentRange).toBe(ContentRange);
    expect(await read.Body!.transformToString()).toBe(text);
    const head = await server.plainClient.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'digits', Range }));
    expect(head).toMatchObject({ ContentLength: text.length, ContentRange });
  });

  it.each(['bytes=0-1,4-5', 'lines=1-2', 'bytes=-', 'bytes=5-2', 'nonsense'])('%s is served whole', async (Range) => {
    const read = await get('digits', { Range });
    expect(read.$metadata.httpStatusCode).toBe(200);
    expect(await read.Body!.transformToString()).toBe('0123456789');
  });

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%s is refused with 416', async (Range) => {
    const url = `${server.url}/${BUCKET}/digits`;
    const { headers } = signHeaders('GET', url, 'UNSIGNED-PAYLOAD', { range: Range });
    const answer = await send(url, { headers });
    expect(summary(answer)).toBe('416 InvalidRange');
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it('are served whole when the object is no longer the one that If-Range names', async () => {
    const url = `${server.url}/${BUCKET}/digits`;
    const attempt = async (ifRange: string) => {
      const { headers } = signHeaders('GET', url, 'UNSIGNED-PAYLOAD', { range: 'bytes=0-0', 'if-range': ifRange });
      return (await send(url, { headers })).body;
    };
    expect(await attempt((await get('digits')).ETag!)).toBe('0');
    expect(await attempt('"another"')).toBe('0123456789');
  });
});

describe('conditional reads', () => {
  const past = new Date(Date.now() - 3_600_000);
  const future = new Date(Date.now() + 3_600_000);
  let etag: string;
  beforeAll(async () => {
    etag = (await put('conditional', 'x')).ETag!;
  });

  it('follow the ETag and the date', async () => {
    const attempt = (more: Partial<GetObjectCommandInput>) => outcomeOf(get('conditional', more));
    expect(await attempt({ IfMatch: etag })).toBe('ok');
    expect(await attempt({ IfMatch: '"another"' })).toBe('412 PreconditionFailed');
    expect(await attempt({ IfNoneMatch: '"another"' })).toBe('ok');
    expect(await attempt({ IfNoneMatch: etag })).toMatch(/^304 /);
    expect(await attempt({ IfNoneMatch: `"another", W/${etag}` })).toMatch(/^304 /);
    expect(await attempt({ IfModifiedSince: past })).toBe('ok');
    expect(await attempt({ IfModifiedSince: future })).toMatch(/^304 /);
    expect(await attempt({ IfUnmodifiedSince: future })).toBe('ok');
    expect(await attempt({ IfUnmodifiedSince: past })).toBe('412 PreconditionFailed');
  });

  it('let the ETag win over the date', async () => {
    expect(await outcomeOf(get('conditional', { IfMatch: etag, IfUnmodifiedSince: past }))).toBe('ok');
    expect(await outcomeOf(get('conditional', { IfNoneMatch: '"another"', IfModifiedSince: future }))).toBe('ok');
  });
});

describe('conditional writes', () => {
  it('create only what is not there, and replace only what is known', async () => {
    expect(await outcomeOf(put('once', '1', { IfNoneMatch: '*' }))).toBe('ok');
    expect(await outcomeOf(put('once', '2', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
    const { ETag } = await get('once');
    expect(await outcomeOf(put('once', '3', { IfMatch: '"another"' }))).toBe('412 PreconditionFailed');
    expect(await outcomeOf(put('once', '4', { IfMatch: ETag }))).toBe('ok');
    expect(await outcomeOf(put('never', '5', { IfMatch: ETag }))).toBe('404 NoSuchKey');
    expect(await outcomeOf(put('once', '6', { IfNoneMatch: ETag }))).toBe('501 NotImplemented');
    expect(await textOf('once')).toBe('4');
    const remove = new DeleteObjectCommand({ Bucket: BUCKET, Key: 'once', IfMatch: ETag });
    expect(await outcomeOf(server.client.send(remove))).toBe('412 PreconditionFailed');
  });

  it('have one winner among many who want to be first', async () => {
    const before = (await dataFiles()).length;
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, i) => outcomeOf(put('race', String(i), { IfNoneMatch: '*' }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === '412 PreconditionFailed')).toHaveLength(11);
    expect(await textOf('race')).toBe(String(outcomes.indexOf('ok')));
    expect((await dataFiles()).length).toBe(before + 1);
  });
});

describe('copies', () => {
  const copy = (Key: string, CopySource: string, more: Partial<CopyObjectCommandInput> = {}) =>
    server.client.send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource, ...more }));

  it('keep bytes, type and metadata, or take new ones, and outlive their source', async () => {
    await put('src/ü +1', 'content', { ContentType: 'text/csv', Metadata: { a: '1' } });
    const { CopyObjectResult } = await copy('copy', `${BUCKET}/${encodeURIComponent('src/ü +1')}`);
    expect(CopyObjectResult?.ETag).toBe((await get('src/ü +1')).ETag);
    const replaced = { MetadataDirective: 'REPLACE', ContentType: 'text/plain', Metadata: { b: '2' } } as const;
    await copy('other', `/${BUCKET}/copy`, replaced);
    await copy('copy', `${BUCKET}/copy`, replaced);
    await server.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'src/ü +1' }));
    for (const key of ['copy', 'other']) {
      expect(await get(key)).toMatchObject({ ContentType: 'text/plain', Metadata: { b: '2' } });
      expect(await textOf(key)).toBe('content');
    }
  });

  it('are refused onto themselves, from nowhere, from a version, or against a condition', async () => {
    expect(await outcomeOf(copy('copy', `${BUCKET}/copy`))).toBe('400 InvalidRequest');
    expect(await outcomeOf(copy('x', `${BUCKET}/absent`))).toBe('404 NoSuchKey');
    expect(await outcomeOf(copy('x', 'absent-bucket/copy'))).toBe('404 NoSuchBucket');
    expect(await outcomeOf(copy('x', '../../etc/passwd'))).toBe('404 NoSuchBucket');
    expect(await outcomeOf(copy('x', BUCKET))).toBe('400 InvalidArgument');
    expect(await outcomeOf(copy('x', `${BUCKET}/copy?versionId=1`))).toBe('501 NotImplemented');
    expect(await outcomeOf(copy('x', `${BUCKET}/copy`, { CopySourceIfMatch: '"another"' }))).toBe(
      '412 PreconditionFailed',
    );
  });
});

describe('keys', () => {
  it.each([
    'a b/ü+ñ&=?#%25.parquet',
    '../../../outside',
    '..',
    './.',
    '/leading//slashes/',
    'nul\u0000and\u0001control',
    "!'()*~",
    '😀',
    'k'.repeat(1024),
    '__proto__',
  ])('%j holds an object of its own', async (key) => {
    await put(key, `content of ${key}`);
    expect(await textOf(key)).toBe(`content of ${key}`);
    const { Contents } = await server.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
    // XML cannot say NUL, not even as a reference.
    if (!key.includes('\u0000')) expect(Contents?.map(({ Key }) => Key)).toContain(key);
  });

  it('are told apart by case, and one may be the beginning of another', async () => {
    await Promise.all([put('Case', '1'), put('case', '2'), put('case/x', '3')]);
    expect([await textOf('Case'), await textOf('case'), await textOf('case/x')]).toEqual(['1', '2', '3']);
  });

  it('never become paths', async () => {
    const outside = await readdir(join(server.directory, '..'));
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: '../../../../escaped' });
    const url = await presign(server.plainClient, command);
    expect(url).toContain('/imports/../../../../escaped?');
    expect(summary(await send(url, { method: 'PUT', body: 'x' }))).toBe('200');
    for (const path of ['..%2f..%2fescaped', '%2e%2e/%2e%2e/escaped', '..%5c..%5cescaped']) {
      const raw = `${server.url}/${BUCKET}/${path}`;
      const answer = await send(raw, {
        method: 'PUT',
        body: 'x',
        headers: signHeaders('PUT', raw, 'UNSIGNED-PAYLOAD').headers,
      });
      expect([200, 403]).toContain(answer.status);
    }
    const created = (await readdir(join(server.directory, '..'))).filter((name) => !outside.includes(name));
    expect(created.filter((name) => name.includes('escaped'))).toEqual([]);
    expect((await readdir(server.directory)).sort()).toEqual(['buckets', 'data', 'format', 'incoming', 'uploads']);
    expect(await readdir(join(server.directory, 'buckets'))).toEqual([BUCKET]);
  });

  it('are refused when too long or not UTF-8', async () => {
    expect(await outcomeOf(put('k'.repeat(1025), 'x'))).toBe('400 KeyTooLongError');
    expect(await outcomeOf(put('ü'.repeat(513), 'x'))).toBe('400 KeyTooLongError');
    expect(summary(await send(`${server.url}/${BUCKET}/%ff`))).toBe('400 InvalidURI');
    expect(summary(await send(`${server.url}/${BUCKET}/%zz`))).toBe('400 InvalidURI');
  });
});

describe('buckets', () => {
  it('are made, found, listed and located', async () => {
    const Bucket = 'made-later';
    await server.client.send(new CreateBucketCommand({ Bucket }));
    expect(await outcomeOf(server.client.send(new CreateBucketCommand({ Bucket })))).toBe(
      '409 BucketAlreadyOwnedByYou',
    );
    expect(await outcomeOf(server.client.send(new HeadBucketCommand({ Bucket })))).toBe('ok');
    expect(await outcomeOf(server.client.send(new HeadBucketCommand({ Bucket: 'absent' })))).toBe('404 NotFound');
    const { Buckets } = await server.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([BUCKET, Bucket]);
    const { LocationConstraint } = await server.client.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint ?? '').toBe('');
    await server.restart();
    expect(await outcomeOf(server.client.send(new HeadBucketCommand({ Bucket })))).toBe('ok');
  });

  it.each([
    'ab',
    'Upper',
    'under_score',
    'a..b',
    '-dash',
    '192.168.0.1',
    `x${'y'.repeat(63)}`,
    '..',
    '%2e%2e%2f%2e%2e',
  ])('cannot be called %s', async (name) => {
    const url = `${server.url}/${name}`;
    const { headers } = signHeaders('PUT', url, 'UNSIGNED-PAYLOAD');
    expect((await send(url, { method: 'PUT', headers })).status).toBeGreaterThanOrEqual(400);
    expect((await readdir(join(server.directory, 'buckets'))).sort()).toEqual([BUCKET, 'made-later']);
  });
});

describe('what is not implemented', () => {
  it('is refused and does nothing, instead of being taken for something else', async () => {
    await put('tagged', 'content');
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    const commands = [
      new PutObjectTaggingCommand({ Bucket: BUCKET, Key: 'tagged', Tagging }),
      new PutObjectCommand({ Bucket: BUCKET, Key: 'tagged', Body: 'x', ServerSideEncryption: 'AES256' }),
      new PutObjectCommand({ Bucket: BUCKET, Key: 'tagged', Body: 'x', ACL: 'public-read' }),
      new PutObjectCommand({ Bucket: BUCKET, Key: 'tagged', Body: 'x', Tagging: 'a=b' }),
      new GetObjectCommand({ Bucket: BUCKET, Key: 'tagged', VersionId: 'v1' }),
      new UploadPartCopyCommand({
        Bucket: BUCKET,
        Key: 'tagged',
        UploadId: 'x',
        PartNumber: 1,
        CopySource: `${BUCKET}/a`,
      }),
      new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: { Rules: [] } }),
    ];
    for (const command of commands) {
      const sent = (server.client.send as (command: unknown) => Promise<unknown>).call(server.client, command);
      expect(await outcomeOf(sent)).toBe('501 NotImplemented');
    }
    expect(await textOf('tagged')).toBe('content');
    const url = `${server.url}/${BUCKET}/tagged`;
    const { headers } = signHeaders('PATCH', url, 'UNSIGNED-PAYLOAD');
    expect(summary(await send(url, { method: 'PATCH', headers }))).toBe('405 MethodNotAllowed');
  });
});
