import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChecksum } from './checksums.ts';
import { BUCKET, outcomeOf, presign, send, startTestServer, summary, type TestServer } from './test-server.ts';

const MIB = 1024 * 1024;
const big = randomBytes(5 * MIB);
const small = randomBytes(1000);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ maxObjectBytes: 16 * MIB });
});
afterAll(() => server.close());

async function create(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const command = new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ...more });
  return (await server.plainClient.send(command)).UploadId!;
}

async function putPart(Key: string, UploadId: string, PartNumber: number, Body: Buffer): Promise<CompletedPart> {
  const command = new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber, Body });
  return { PartNumber, ETag: (await server.plainClient.send(command)).ETag };
}

function complete(
  Key: string,
  UploadId: string,
  Parts: CompletedPart[],
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) {
  const command = new CompleteMultipartUploadCommand({
    Bucket: BUCKET,
    Key,
    UploadId,
    MultipartUpload: { Parts },
    ...more,
  });
  return server.plainClient.send(command);
}

async function bytesOf(Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: BUCKET, Key, Range }));
  return Buffer.from(await Body!.transformToByteArray());
}

const listUploads = async (more = {}) =>
  (await server.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, ...more }))).Uploads ?? [];
const dataFiles = () => readdir(join(server.directory, 'data'));

describe('a multipart upload', () => {
  it('through presigned parts becomes one object, readable over the borders of its parts', async () => {
    const Key = 'presigned';
    const UploadId = await create(Key, { ContentType: 'application/vnd.apache.parquet', Metadata: { a: '1' } });
    const Parts: CompletedPart[] = [];
    // Sent in another order than they are numbered, as a browser does that sends several at once.
    for (const [PartNumber, body] of [
      [3, small],
      [1, big],
      [2, big],
    ] as const) {
      const url = await presign(
        server.plainClient,
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber }),
      );
      const answer = await send(url, { method: 'PUT', body });
      expect(answer.status).toBe(200);
      Parts.push({ PartNumber, ETag: answer.headers.etag });
    }
    Parts.sort((a, b) => a.PartNumber! - b.PartNumber!);
    const { ETag } = await complete(Key, UploadId, Parts);
    const md5s = [big, big, small].map((part) => createHash('md5').update(part).digest());
    expect(ETag).toBe(`"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-3"`);
    const whole = Buffer.concat([big, big, small]);
    expect((await bytesOf(Key)).equals(whole)).toBe(true);
    expect(
      (await bytesOf(Key, `bytes=${5 * MIB - 3}-${5 * MIB + 4}`)).equals(whole.subarray(5 * MIB - 3, 5 * MIB + 5)),
    ).toBe(true);
    expect((await bytesOf(Key, 'bytes=-1500')).equals(whole.subarray(-1500))).toBe(true);
    const head = await server.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
    expect(head).toMatchObject({ ETag, ContentType: 'application/vnd.apache.parquet', Metadata: { a: '1' } });
    expect(await listUploads({ Prefix: Key })).toEqual([]);
  });

  it('shows its parts and itself until it is given up', async () => {
    const before = (await dataFiles()).length;
    const id = await create('listed/a');
    const other = await create('listed/b');
    await putPart('listed/a', id, 2, small);
    await putPart('listed/a', id, 1, small);
    await putPart('listed/a', id, 1, Buffer.from('replaced'));
    const list = (more = {}) =>
      server.client.send(new ListPartsCommand({ Bucket: BUCKET, Key: 'listed/a', UploadId: id, ...more }));
    const { Parts } = await list();
    expect(Parts).toMatchObject([
      { PartNumber: 1, Size: 8 },
      { PartNumber: 2, Size: 1000 },
    ]);
    expect(await list({ MaxParts: 1 })).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1' });
    expect((await list({ PartNumberMarker: '1' })).Parts).toMatchObject([{ PartNumber: 2 }]);
    expect(await listUploads({ Prefix: 'listed/' })).toMatchObject([
      { Key: 'listed/a', UploadId: id },
      { UploadId: other },
    ]);
    expect(await listUploads({ Prefix: 'listed/', MaxUploads: 1 })).toHaveLength(1);
    expect(await listUploads({ Prefix: 'listed/', KeyMarker: 'listed/a', UploadIdMarker: id })).toMatchObject([
      { UploadId: other },
    ]);
    expect(await listUploads({ Prefix: 'listed/', KeyMarker: 'listed/b' })).toEqual([]);
    const abort = (Key: string, UploadId: string) =>
      outcomeOf(server.client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId })));
    expect(await abort('listed/a', other)).toBe('404 NoSuchUpload');
    expect(await abort('listed/a', id)).toBe('ok');
    expect(await abort('listed/a', id)).toBe('404 NoSuchUpload');
    expect(await abort('listed/b', other)).toBe('ok');
    expect((await dataFiles()).length).toBe(before);
  });

  it('is not completed with parts that are wrong, missing, disordered or too small', async () => {
    const Key = 'wrong';
    const id = await create(Key);
    const first = await putPart(Key, id, 1, small);
    const second = await putPart(Key, id, 2, small);
    const attempt = (Parts: CompletedPart[], more = {}) => outcomeOf(complete(Key, id, Parts, more));
    expect(await attempt([{ ...first, ETag: second.ETag?.replace(/\w/, 'x') }])).toBe('400 InvalidPart');
    expect(await attempt([first, { ...second, PartNumber: 3 }])).toBe('400 InvalidPart');
    expect(await attempt([second, first])).toBe('400 InvalidPartOrder');
    expect(await attempt([first, first])).toBe('400 InvalidPartOrder');
    expect(await attempt([first, second])).toBe('400 EntityTooSmall');
    expect(await attempt([])).toBe('400 MalformedXML');
    expect(await attempt([first], { MpuObjectSize: 999 })).toBe('400 InvalidRequest');
    expect(await outcomeOf(complete('other-key', id, [first]))).toBe('404 NoSuchUpload');
    expect(await outcomeOf(complete(Key, '../../buckets', [first]))).toBe('404 NoSuchUpload');
    expect(await attempt([first], { MpuObjectSize: 1000 })).toBe('ok');
  });

  it('cannot hold parts that together pass the limit, nor be numbered out of bounds', async () => {
    const id = await create('limit');
    await putPart('limit', id, 1, big);
    await putPart('limit', id, 2, big);
    await putPart('limit', id, 3, big);
    expect(await outcomeOf(putPart('limit', id, 4, big))).toBe('400 EntityTooLarge');
    expect(await outcomeOf(putPart('limit', id, 3, big))).toBe('ok');
    expect(await outcomeOf(putPart('limit', id, 0, small))).toBe('400 InvalidArgument');
    expect(await outcomeOf(putPart('limit', id, 10_001, small))).toBe('400 InvalidArgument');
    await server.client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key: 'limit', UploadId: id }));
  });

  it('may be completed again by a client that missed the answer', async () => {
    const id = await create('again');
    const part = await putPart('again', id, 1, small);
    const first = await complete('again', id, [part]);
    expect((await complete('again', id, [part])).ETag).toBe(first.ETag);
    await server.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'again', Body: 'newer' }));
    expect(await outcomeOf(complete('again', id, [part]))).toBe('404 NoSuchUpload');
  });

  it('keeps to the conditions of its completion', async () => {
    const id = await create('conditional');
    const part = await putPart('conditional', id, 1, small);
    await server.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'conditional', Body: 'first' }));
    expect(await outcomeOf(complete('conditional', id, [part], { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
    expect((await bytesOf('conditional')).toString()).toBe('first');
    expect(await outcomeOf(complete('conditional', id, [part]))).toBe('ok');
  });
});

describe('checksums of a multipart upload', () => {
  it.each([
    [ChecksumAlgorithm.CRC32, 'COMPOSITE'],
    [ChecksumAlgorithm.SHA256, 'COMPOSITE'],
    [ChecksumAlgorithm.CRC32, 'FULL_OBJECT'],
    [ChecksumAlgorithm.CRC32C, 'FULL_OBJECT'],
    [ChecksumAlgorithm.CRC64NVME, 'FULL_OBJECT'],
  ] as const)('%s %s are computed from the parts and verified', async (algorithm, ChecksumType) => {
    const Key = `checksum/${algorithm}/${ChecksumType}`;
    const name = algorithm.toLowerCase() as 'crc32';
    const UploadId = await create(Key, { ChecksumAlgorithm: algorithm, ChecksumType });
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of [big, small].entries()) {
      const part = { Bucket: BUCKET, Key, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm: algorithm };
      const sent = await server.client.send(new UploadPartCommand(part));
      Parts.push({ PartNumber: index + 1, ETag: sent.ETag, [`Checksum${algorithm}`]: sent[`Checksum${algorithm}`] });
    }
    const wrongPart = [Parts[0]!, { ...Parts[1], [`Checksum${algorithm}`]: 'AAAAAA==' }];
    expect(await outcomeOf(complete(Key, UploadId, wrongPart))).toBe('400 InvalidPart');
    if (ChecksumType === 'FULL_OBJECT') {
      const wrong = { ChecksumType, [`Checksum${algorithm}`]: algorithm === 'CRC64NVME' ? 'AAAAAAAAAAA=' : 'AAAAAA==' };
      expect(await outcomeOf(complete(Key, UploadId, Parts, wrong))).toBe('400 BadDigest');
    }
    const done = await complete(Key, UploadId, Parts, { ChecksumType });
    const checksum = startChecksum(name);
    if (ChecksumType === 'FULL_OBJECT') for (const part of [big, small]) checksum.update(part);
    else for (const part of Parts) checksum.update(Buffer.from(part[`Checksum${algorithm}`]!, 'base64'));
    const suffix = ChecksumType === 'FULL_OBJECT' ? '' : '-2';
    expect(done[`Checksum${algorithm}`]).toBe(checksum.digest().toString('base64') + suffix);
    expect(done.ChecksumType).toBe(ChecksumType);
    // With its default settings the SDK compares what it reads with the checksum that comes along.
    expect((await bytesOf(Key)).equals(Buffer.concat([big, small]))).toBe(true);
  });

  it('are refused in combinations that S3 refuses', async () => {
    const attempt = (more: Partial<CreateMultipartUploadCommandInput>) => outcomeOf(create('x', more));
    expect(await attempt({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' })).toBe('400 InvalidRequest');
    expect(await attempt({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' })).toBe('400 InvalidRequest');
    expect(await attempt({ ChecksumAlgorithm: 'ROT13' as 'CRC32' })).toBe('400 InvalidRequest');
    expect(await attempt({ ChecksumType: 'FULL_OBJECT' })).toBe('400 InvalidRequest');
  });
});

describe('after a restart', () => {
  it('an upload goes on, and one that is a day old is gone with its parts', async () => {
    const kept = await create('kept');
    const stale = await create('stale');
    const part = await putPart('kept', kept, 1, small);
    await putPart('stale', stale, 1, small);
    const files = (await dataFiles()).length;
    for (const file of ['upload.json', '1.json']) {
      const path = join(server.directory, 'uploads', stale, file);
      const yesterday = Date.now() - 25 * 60 * 60 * 1000;
      await writeFile(
        path,
        (await readFile(path, 'utf8')).replace(/("(?:initiated|modified)Ms":)\d+/, `$1${yesterday}`),
      );
    }
    await server.restart();
    expect(await readdir(join(server.directory, 'uploads'))).not.toContain(stale);
    expect((await dataFiles()).length).toBe(files - 1);
    expect(await outcomeOf(putPart('stale', stale, 2, small))).toBe('404 NoSuchUpload');
    expect(await outcomeOf(complete('kept', kept, [part]))).toBe('ok');
    expect((await bytesOf('kept')).equals(small)).toBe(true);
    await server.restart();
    expect((await bytesOf('kept')).equals(small)).toBe(true);
    expect(summary(await send(`${server.url}/${BUCKET}/kept`))).toBe('403 AccessDenied');
  });
});
