import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { startS3Server } from './server.ts';
import {
  ACCESS_KEY_ID,
  BUCKET,
  makeClient,
  outcomeOf,
  PLAIN,
  presign,
  SECRET_ACCESS_KEY,
  send,
  sha256,
  startTestServer,
} from './test-server.ts';

const MIB = 1024 * 1024;

const read = async (client: S3Client, Key: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
};

/** Runs the server in a process of its own, for it to be killed. */
async function spawnServer(directory: string): Promise<{ process: ChildProcess; client: S3Client }> {
  const options = {
    directory,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
    buckets: [BUCKET],
    corsOrigins: [],
  };
  const script = `
    const { startS3Server } = await import(${JSON.stringify(new URL('./server.ts', import.meta.url).href)});
    console.log((await startS3Server(${JSON.stringify(options)})).url);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server did not start')));
    child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()));
  });
  return { process: child, client: makeClient({ endpoint: url, ...PLAIN }) };
}

const PATIENCE = { timeout: 60_000 };

describe('a server that is killed while files are coming in', () => {
  it('has every object it acknowledged, whole, and nothing else when it starts again', {
    timeout: 240_000,
  }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'carga-s3-kill-'));
    // The hashes of what each key may hold, undefined for nothing: one after an answer, more while it is awaited.
    const possible = new Map<string, Set<string | undefined>>();
    let acknowledgedCount = 0;

    const check = async (client: S3Client) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      const listed = new Set(Contents.map(({ Key }) => Key!));
      expect([...listed].filter((key) => !possible.has(key))).toEqual([]);
      for (const [key, hashes] of possible) {
        const hash = listed.has(key) ? sha256(await read(client, key)) : undefined;
        expect(hashes).toContain(hash);
        possible.set(key, new Set([hash]));
      }
      expect(await readdir(join(directory, 'incoming'))).toEqual([]);
      expect(await readdir(join(directory, 'data'))).toHaveLength(listed.size);
    };

    const writeUntilKilled = async (client: S3Client, writer: string) => {
      for (let i = 0; ; i++) {
        // One key again and again, the others once; now and then one is deleted instead.
        const Key = `${writer}/${i % 3 === 0 ? 'same' : i}`;
        const Body = randomBytes(i % 4 === 0 ? 2 * MIB : 20_000);
        const isDeletion = i % 9 === 6;
        const hash = isDeletion ? undefined : sha256(Body);
        possible.set(Key, (possible.get(Key) ?? new Set([undefined])).add(hash));
        const outcome = isDeletion
          ? await outcomeOf(client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key })))
          : await outcomeOf(client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body })));
        if (outcome !== 'ok') return;
        possible.set(Key, new Set([hash]));
        acknowledgedCount++;
      }
    };

    try {
      for (const killAfter of [10, 20, 40]) {
        const { process, client } = await spawnServer(directory);
        await check(client);
        const writers = ['a', 'b', 'c', 'd'].map((name) => writeUntilKilled(client, `${killAfter}/${name}`));
        // Amid whatever they are at once so many were acknowledged.
        const before = acknowledgedCount;
        while (acknowledgedCount < before + killAfter) await sleep(1);
        process.kill('SIGKILL');
        await Promise.all(writers);
        client.destroy();
      }
      expect(acknowledgedCount).toBeGreaterThan(20);
      const { process, client } = await spawnServer(directory);
      await check(client);
      client.destroy();
      process.kill('SIGKILL');
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('an object that is overwritten or deleted', () => {
  it('is served to its end to those who are reading it', async () => {
    const server = await startTestServer();
    try {
      const old = randomBytes(8 * MIB);
      await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'x', Body: old }));
      const readers = await Promise.all(
        [1, 2].map(() => server.plainClient.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'x' }))),
      );
      await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'x', Body: 'new' }));
      expect((await read(server.plainClient, 'x')).toString()).toBe('new');
      await server.plainClient.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'x' }));
      for (const { Body } of readers) expect(Buffer.from(await Body!.transformToByteArray()).equals(old)).toBe(true);
      await vi.waitFor(async () => expect(await readdir(join(server.directory, 'data'))).toEqual([]), PATIENCE);
    } finally {
      await server.close();
    }
  });
});

describe('an upload that breaks off', () => {
  it('leaves the object that was there, and no file of its own', async () => {
    const server = await startTestServer();
    try {
      await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'x', Body: 'old' }));
      const url = await presign(server.plainClient, new PutObjectCommand({ Bucket: BUCKET, Key: 'x' }));
      const { hostname, port, host, pathname, search } = new URL(url);
      const socket = createConnection(Number(port), hostname);
      socket.write(
        `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`,
      );
      await vi.waitFor(async () => expect(await readdir(join(server.directory, 'incoming'))).toHaveLength(1), PATIENCE);
      socket.destroy();
      await vi.waitFor(async () => expect(await readdir(join(server.directory, 'incoming'))).toEqual([]), PATIENCE);
      expect((await read(server.plainClient, 'x')).toString()).toBe('old');
      expect(await readdir(join(server.directory, 'data'))).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  it('before it began costs nothing: a client that asks first is refused before it sends', async () => {
    const server = await startTestServer();
    try {
      const url = new URL(`${server.url}/${BUCKET}/x`);
      const socket = createConnection(Number(url.port), url.hostname);
      socket.write(
        `PUT ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`,
      );
      const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      socket.destroy();
      const signed = await presign(server.plainClient, new PutObjectCommand({ Bucket: BUCKET, Key: 'x' }));
      const accepted = await send(signed, { method: 'PUT', headers: { expect: '100-continue' }, body: 'x' });
      expect(accepted.status).toBe(200);
    } finally {
      await server.close();
    }
  });
});

describe('a directory', () => {
  it('is cleaned of files that a killed server never committed', async () => {
    const server = await startTestServer();
    try {
      await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'x', Body: 'kept' }));
      await writeFile(join(server.directory, 'incoming', 'half'), 'x');
      await writeFile(join(server.directory, 'data', 'whole-but-uncommitted'), 'x');
      await server.restart();
      expect(await readdir(join(server.directory, 'incoming'))).toEqual([]);
      expect(await readdir(join(server.directory, 'data'))).toHaveLength(1);
      expect((await read(server.plainClient, 'x')).toString()).toBe('kept');
    } finally {
      await server.close();
    }
  });

  it('is used by one server at a time', async () => {
    const server = await startTestServer();
    await expect(startS3Server(server.options)).rejects.toThrow(/already using the directory/);
    await server.restart();
    await server.close();
  });

  it('is left alone when it holds something else', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'carga-s3-foreign-'));
    try {
      await mkdir(join(directory, 'incoming'));
      await writeFile(join(directory, 'incoming', 'mine'), 'x');
      await writeFile(join(directory, 'thesis.txt'), 'x');
      const options = { directory, accessKeyId: 'a', secretAccessKey: 'b', buckets: [], corsOrigins: [] };
      await expect(startS3Server(options)).rejects.toThrow(/not made by this S3 server/);
      expect(await readdir(join(directory, 'incoming'))).toEqual(['mine']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('loses no data when one of its small files is damaged', async () => {
    const server = await startTestServer();
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      for (const Key of ['a', 'b'])
        await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
      const bucket = join(server.directory, 'buckets', BUCKET);
      const name = `${createHash('sha256').update('a').digest('hex')}.json`;
      await writeFile(join(bucket, name), '{"key":"a');
      await server.restart();
      expect(complaint).toHaveBeenCalledWith(expect.stringContaining(name));
      expect((await read(server.plainClient, 'b')).toString()).toBe('b');
      expect(await outcomeOf(read(server.plainClient, 'a'))).toBe('404 NoSuchKey');
      expect(await readdir(join(server.directory, 'data'))).toHaveLength(2);
    } finally {
      complaint.mockRestore();
      await server.close();
    }
  });

  it('answers with an internal error that tells nothing when data is missing', async () => {
    const server = await startTestServer();
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'x' }));
      await rm(join(server.directory, 'data'), { recursive: true });
      const put = server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'b', Body: 'x' }));
      expect(await outcomeOf(put)).toBe('500 InternalError');
      expect(await outcomeOf(read(server.plainClient, 'a'))).not.toBe('ok');
      const url = await presign(server.plainClient, new PutObjectCommand({ Bucket: BUCKET, Key: 'b' }));
      const answer = await send(url, { method: 'PUT', body: 'x' });
      expect(answer.body).not.toContain(server.directory);
      expect(complaint).toHaveBeenCalled();
    } finally {
      complaint.mockRestore();
      await server.close();
    }
  });
});

describe('options', () => {
  it.each([
    ['an empty secret', { secretAccessKey: '' }],
    ['an empty key', { accessKeyId: '' }],
    ['a bucket name that S3 would refuse', { buckets: ['../outside'] }],
  ])('with %s are refused', async (_, overrides) => {
    await expect(startTestServer(overrides)).rejects.toThrow();
  });

  it('with a port that is taken are refused, and the directory is free afterwards', async () => {
    const server = await startTestServer();
    const directory = await mkdtemp(join(tmpdir(), 'carga-s3-port-'));
    try {
      const options = { ...server.options, directory, port: Number(new URL(server.url).port) };
      await expect(startS3Server(options)).rejects.toThrow(/EADDRINUSE/);
      await (await startS3Server({ ...options, port: 0 })).stop();
    } finally {
      await rm(directory, { recursive: true });
      await server.close();
    }
  });
});
