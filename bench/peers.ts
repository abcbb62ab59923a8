import { execFile, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type pg from 'pg';
import { COLUMNS } from './data.ts';
import { isInstalled } from './floor.ts';
import { overValues, TARGET } from './target.ts';

/** Other ways to bring the same rows in. */
export const PEERS = ['values', 'prisma', 'pgloader'] as const;
export type Peer = (typeof PEERS)[number];

/** What a peer is given. */
export interface PeerRun {
  db: pg.Client;
  url: string;
  textFile: string;
  /** Rows of the text, and how many of them the slow peers take. */
  rows: number;
  peerRows: number;
  /** Whether the table is empty before. */
  isEmpty: boolean;
}

const BATCH_ROWS = 1000;
const PROJECT_ROOT = path.resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** Runs a peer. @returns rows it took and seconds, or in words why it did not run */
export async function runPeer(peer: Peer, options: PeerRun): Promise<{ rows: number; seconds: number } | string> {
  if (peer === 'pgloader') return runPgloader(options);
  const rows = Math.min(options.rows, peer === 'prisma' ? Math.ceil(options.peerRows / 5) : options.peerRows);
  const batches = await readBatches(options.textFile, rows);
  const upsert = peer === 'prisma' ? await openPrisma(options.url) : openValues(options.db);
  const start = performance.now();
  for (const batch of batches) await upsert.apply(batch);
  await upsert.end();
  return { rows, seconds: (performance.now() - start) / 1000 };
}

type Cells = (string | null)[];
interface Upsert {
  apply(batch: Cells[]): Promise<void>;
  end(): Promise<void>;
}

async function readBatches(textFile: string, rows: number): Promise<Cells[][]> {
  const batches: Cells[][] = [];
  let batch: Cells[] = [];
  let left = rows;
  for await (const line of createInterface({ input: createReadStream(textFile) })) {
    batch.push(line.split('\t').map((cell) => (cell === '\\N' ? null : cell)));
    if (--left === 0 || batch.length === BATCH_ROWS) {
      batches.push(batch);
      batch = [];
    }
    if (left === 0) break;
  }
  return batches;
}

const OP = COLUMNS.length;
const isDelete = (cells: Cells) => cells[OP] === 'D';

/** `INSERT … VALUES … ON CONFLICT`, in one transaction. */
function openValues(db: pg.Client): Upsert {
  const write = async (batch: Cells[]) => {
    const tuples = batch.map(
      (_cells, row) => `(${COLUMNS.map((_name, column) => `$${row * COLUMNS.length + column + 1}`).join(', ')})`,
    );
    await db.query(
      `insert into ${TARGET} as t (${COLUMNS.join(', ')}) values ${tuples.join(', ')}
       on conflict (id) do update set ${overValues((name) => `${name} = excluded.${name}`)}
       where (${overValues((name) => `t.${name}`)}) is distinct from (${overValues((name) => `excluded.${name}`)})`,
      batch.flatMap((cells) => cells.slice(0, OP)),
    );
  };
  let begun = false;
  return {
    async apply(batch) {
      if (!begun) await db.query('begin');
      begun = true;
      const gone = batch.filter(isDelete).map(([id]) => id);
      if (gone.length > 0) await db.query(`delete from ${TARGET} where id = any($1::uuid[])`, [gone]);
      const kept = batch.filter((cells) => !isDelete(cells));
      if (kept.length > 0) await write(kept);
    },
    end: async () => void (await db.query('commit')),
  };
}

interface PrismaPeer {
  alvo: { upsert(query: object): unknown; deleteMany(query: object): unknown };
  $transaction(queries: unknown[]): Promise<unknown>;
  $disconnect(): Promise<void>;
}

/** `upsert` per row, a batch a transaction: Prisma has no other way that updates. */
async function openPrisma(url: string): Promise<Upsert> {
  const made = spawnSync(
    process.execPath,
    ['scripts/prisma.mjs', 'generate', '--schema', path.join('bench', 'peer.prisma')],
    { cwd: PROJECT_ROOT, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`Prisma's client cannot be made: ${made.stderr}`);
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const { PrismaClient } = await import(path.join(PROJECT_ROOT, '.carga', 'bench-prisma', 'client.ts'));
  const prisma: PrismaPeer = new PrismaClient({
    adapter: new PrismaPg({ connectionString: url }),
    // On a busy machine a batch takes longer than the 5 s that are usual, and would end the whole bench.
    transactionOptions: { timeout: 600_000 },
  });
  const record = ([id, pessoa, nome, tipo, ativo, limite, criado, dados]: Cells) => ({
    id,
    pessoa,
    nome,
    tipo: Number(tipo),
    ativo: ativo === 'true',
    limite,
    criado: new Date(`${criado}:00`.replace(' ', 'T')),
    dados: JSON.parse(dados ?? 'null'),
  });
  return {
    async apply(batch) {
      const gone = batch.filter(isDelete).map(([id]) => id);
      const upserts = batch
        .filter((cells) => !isDelete(cells))
        .map((cells) => {
          const { id, ...update } = record(cells);
          return prisma.alvo.upsert({ where: { id }, create: { id, ...update }, update });
        });
      await prisma.$transaction([prisma.alvo.deleteMany({ where: { id: { in: gone } } }), ...upserts]);
    },
    end: () => prisma.$disconnect(),
  };
}

/** pgloader adds rows and does nothing else, so it takes part where the table is empty. */
async function runPgloader({
  url,
  textFile,
  rows,
  isEmpty,
}: PeerRun): Promise<{ rows: number; seconds: number } | string> {
  if (!isEmpty) return 'only inserts';
  if (!(await isInstalled('pgloader'))) return 'not installed';
  const script = path.join(path.dirname(textFile), 'pgloader.load');
  await writeFile(
    script,
    `LOAD COPY FROM '${textFile}' (${[...COLUMNS, 'op'].join(', ')})
     INTO ${url}
     TARGET TABLE ${TARGET} (${COLUMNS.join(', ')})
     WITH delimiter '\\t', null '\\N';\n`,
  );
  const start = performance.now();
  await run('pgloader', ['--quiet', script], { cwd: path.dirname(textFile) });
  return { rows, seconds: (performance.now() - start) / 1000 };
}
