// Run: node embedded/s3/throughput.bench.ts [MiB]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { get as httpGet, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startS3Server } from './server.ts';
import { ACCESS_KEY_ID, BUCKET, makeClient, PLAIN, presign, SECRET_ACCESS_KEY } from './test-server.ts';

const MIB = 1024 * 1024;
const SMALL_PUTS = 400;

const [, , argument = '1024'] = process.argv;

if (argument === 'server') await serve(process.argv[3] ?? '');
else await measure(Number(argument));

/** The server in a process of its own, so that its memory can be told from the client's. */
async function serve(directory: string): Promise<void> {
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
  const server = await startS3Server({ directory, ...credentials, buckets: [BUCKET], corsOrigins: [] });
  process.send?.(server.url);
  process.once('message', async () => {
    await server.stop();
    process.send?.(process.resourceUsage().maxRSS / 1024, () => process.disconnect());
  });
}

async function measure(mib: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'carga-s3-measure-'));
  const server = fork(import.meta.filename, ['server', join(directory, 's3')]);
  const [url] = (await once(server, 'message')) as [string];
  const client = makeClient({ endpoint: url, ...PLAIN });
  const rows: Record<string, string>[] = [];
  const time = async (what: string, unit: string, amount: number, task: () => Promise<unknown>) => {
    const startedMs = performance.now();
    await task();
    const perSecond = (amount / (performance.now() - startedMs)) * 1000;
    rows.push({ what, rate: `${perSecond.toFixed(0)} ${unit}/s` });
  };
  try {
    for (let run = 1; run <= 2; run++) {
      const plainFile = join(directory, 'plain');
      await time(`run ${run}: write and sync a plain file`, 'MiB', mib, () => writePlainFile(plainFile, mib));
      await time(`run ${run}: put`, 'MiB', mib, async () => {
        const address = await presign(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'large' }));
        const put = httpRequest(address, { method: 'PUT', headers: { 'content-length': mib * MIB } });
        const answer = once(put, 'response');
        await pipeline(Readable.from(blocks(mib)), put);
        const [response] = (await answer) as [IncomingMessage];
        if (response.statusCode !== 200) throw new Error(`put was answered with ${response.statusCode}`);
        response.resume();
      });
      await time(`run ${run}: read the plain file`, 'MiB', mib, () => drain(createReadStream(plainFile)));
      await time(`run ${run}: get`, 'MiB', mib, async () => {
        const address = await presign(client, new GetObjectCommand({ Bucket: BUCKET, Key: 'large' }));
        const [response] = (await once(httpGet(address), 'response')) as [IncomingMessage];
        await drain(response);
      });
    }
    await time('put 4 kB, 4 at a time', 'objects', SMALL_PUTS, async () => {
      const Body = Buffer.alloc(4096);
      const write = async (writer: number) => {
        for (let i = 0; i < SMALL_PUTS / 4; i++) {
          await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `small/${writer}/${i}`, Body }));
        }
      };
      await Promise.all([0, 1, 2, 3].map(write));
    });
    client.destroy();
    server.send('stop');
    const [maxRssMib] = (await once(server, 'message')) as [number];
    rows.push({ what: 'largest resident memory of the server', rate: `${maxRssMib.toFixed(0)} MiB` });
    console.table(rows);
  } finally {
    server.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

function* blocks(mib: number): Generator<Buffer> {
  const block = Buffer.alloc(MIB, 'carga');
  for (let i = 0; i < mib; i++) yield block;
}

async function writePlainFile(path: string, mib: number): Promise<void> {
  const handle = await open(path, 'w');
  await handle.writeFile(blocks(mib));
  await handle.sync();
  await handle.close();
}

async function drain(stream: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}
