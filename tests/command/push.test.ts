import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CargaOptions, runCarga } from '#cli/run-carga.ts';
import { createApiClient } from '#lib/api-client/create-api-client.ts';
import { openFaultyLine } from '#tests/support/faulty-line.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

const SAMPLE = 'public/samples/lista_fornecedores.json';
const PIECES = 'codigo;nome;preco;op\n0033;"Parafuso; M6";1.234,50;\n0001;Açoita-cavalo;0,10;U\n0002;Porca;2;\n';

let stack: Stack;
let db: pg.Client;
let folder: string;

const carga = (args: string[], options: CargaOptions = {}) =>
  runCarga(args, { ...options, env: { CARGA_URL: stack.url, CARGA_API_KEY: stack.apiKey, ...options.env } });
const file = async (name: string, content: string) => {
  await writeFile(path.join(folder, name), content);
  return path.join(folder, name);
};
const pieces = async () => (await db.query('select * from cadastro.pecas order by codigo')).rows;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'carga-try-'));
  stack = await startStack();
  db = new pg.Client({ connectionString: stack.databaseUrl });
  await db.connect();
  await db.query('create table cadastro.pecas (codigo text primary key, nome text not null, preco numeric(9,2))');
  const client = createApiClient({ baseUrl: stack.url, apiKey: stack.apiKey });
  await client.createFigura({ name: 'pecas', title: 'Peças', table: 'cadastro.pecas' });
});
afterAll(async () => {
  await db?.end();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('carga push', () => {
  it('loads the sample, and the second time leaves every row alone', async () => {
    const first = await carga(['push', 'fornecedores', SAMPLE]);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/rows read\n {2}= +(\d+) {2}inserted\n\n/);
    const page = /Page +(\S+)/.exec(first.stdout)?.[1] ?? '';
    expect((await fetch(page, { redirect: 'manual' })).status, page).toBeLessThan(400);

    const again = await carga(['push', 'fornecedores', SAMPLE, '--json']);
    expect(again.code).toBe(0);
    const { rows } = JSON.parse(again.stdout);
    expect(rows).toMatchObject({ inserted: 0, updated: 0, unchanged: rows.read, rejected: 0 });
    const { rows: stored } = await db.query(
      'select count(*)::int as n, count(enderecos)::int as nested from cadastro.fornecedores',
    );
    expect(stored[0].n).toBe(rows.read);
    expect(stored[0].nested).toBeGreaterThan(0);
  });

  it('reads a CSV from stdin as spreadsheets write it', async () => {
    const run = await carga(['push', 'pecas', '-', '--decimal', ',', '--header', 'yes'], { input: PIECES });
    expect(run.code, run.stderr).toBe(0);
    expect(await pieces()).toEqual([
      { codigo: '0001', nome: 'Açoita-cavalo', preco: '0.10' },
      { codigo: '0002', nome: 'Porca', preco: '2.00' },
      { codigo: '0033', nome: 'Parafuso; M6', preco: '1234.50' },
    ]);
  });

  it('tells what became of each row, and ends with 3 when rows were rejected', async () => {
    const changes =
      'código,nome,preco,op\n0001,Açoita,0.10,U\n0002,,,D\n0033,"Parafuso; M6",caro,\n0044,,1,\n0055,Arruela,3,I\n';
    const source = await file('changes.csv', changes);
    const run = await carga(['push', 'pecas', source, '--map', 'código=codigo'], { env: { CARGA_LANG: 'pt' } });
    expect(run.code, run.stderr).toBe(3);
    const [, figures, , rejected] = run.stdout.split('\n\n').map((part) => part.replace(/ +/g, ' '));
    expect(run.stdout.replace(/ +/g, ' ')).toContain(
      'pecas: concluída\n 5 linhas lidas\n = 1 incluída\n + 1 alterada\n + 1 excluída\n + 2 recusadas\n',
    );
    expect(figures).toContain('Arquivo changes.parquet');
    expect(run.stdout).toMatch(/\n +3 {2}preco +caro +\S/);
    expect(run.stdout).toMatch(/\n +4 {2}nome +\(nenhum\) +\S/);
    expect(rejected).toContain('/errors?format=csv');
  });

  it('loads nothing and ends with 1 when it shall stop at the first fault', async () => {
    const before = await pieces();
    const source = await file('bad.csv', 'codigo,nome,preco\n0001,Outro,1\n0066,x,y\n');
    const run = await carga(['push', 'pecas', source, '--on-error', 'abort', '--json']);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'error', error: { code: 'rejected_rows' } });
    expect(await pieces()).toEqual(before);
  });

  it('sends a file above the limit of one request in parts', async () => {
    const row = (index: number) => `9${String(index).padStart(3, '0')},${'x'.repeat(1 << 20)},1\n`;
    const source = await file(
      'big.csv',
      `codigo,nome,preco\n${Array.from({ length: 66 }, (_, index) => row(index)).join('')}`,
    );
    const run = await carga(['push', 'pecas', source, '--as-is', '--json']);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ rows: { read: 66, inserted: 66 }, file: { format: 'csv' } });
  });

  it('sends several files one after the other, and the rest although one fails', async () => {
    const files = [
      await file('a.csv', 'codigo,nome,preco\n1001,A,1\n'),
      path.join(folder, 'nowhere.csv'),
      await file('b.csv', 'codigo,nome,preco\n1002,B,1\n1003,,1\n'),
      await file('c.json', '[{"codigo":"1004","nome":'),
      '-',
    ];
    const input = '{"codigo":"1005","nome":"E","preco":1}\n';
    const run = await carga(['push', 'pecas', ...files, '--json'], { input });
    // The worst of them: the file that cannot be read.
    expect(run.code, run.stderr).toBe(1);
    const results = JSON.parse(run.stdout);
    expect(results.map(({ file }: { file: string }) => file)).toEqual(files);
    expect(results[0].job).toMatchObject({ status: 'complete', rows: { inserted: 1, rejected: 0 } });
    expect(results[1].error.code).toBe('ENOENT');
    expect(results[2].job).toMatchObject({ result: 'partial', rows: { inserted: 1, rejected: 1 } });
    expect(results[3].error.code).toBe('truncated_file');
    expect(results[4].job.rows.inserted).toBe(1);
    const created = results.flatMap(({ job }: { job?: { createdAt: string } }) => job?.createdAt ?? []);
    expect(created).toEqual(created.toSorted());
    expect(run.stderr).toContain('[5/5] -\n');
    expect(run.stderr).toContain('3 of 5 files were loaded.');

    const dry = await carga(['push', 'pecas', files[0] as string, files[2] as string, '--dry-run', '--watch']);
    expect(dry.code, dry.stderr).toBe(3);
    expect(dry.stdout).toContain('dry run: nothing was written');
    // Every one would be refused for the same reason: it is said once.
    const refused = await carga(['push', 'pecas', ...files], { env: { CARGA_API_KEY: 'errada' } });
    expect([refused.code, refused.stdout]).toEqual([4, '']);
  });

  it('goes on with an upload that was killed', async () => {
    const row = (index: number) => `8${String(index).padStart(3, '0')},${'y'.repeat(1 << 20)},1\n`;
    const rows = Array.from({ length: 100 }, (_, index) => row(index));
    const source = await file('cut.csv', `codigo,nome,preco\n${rows.join('')}`);
    const env = { CARGA_PROFILE: path.join(folder, 'cut', 'profile.json') };
    let child: ChildProcess | undefined;
    const cut = carga(['push', 'pecas', source, '--as-is'], { env, onStart: (started) => (child = started) });
    const client = createApiClient({ baseUrl: stack.url, apiKey: stack.apiKey });
    const uploads = async () =>
      (await db.query("select id, status from carga.uploads where file_name = 'cut.csv'")).rows;
    // The bucket runs in this process: looked at in each of its turns, no part slips by.
    const parts = () =>
      (readdirSync(path.join(stack.dataDirectory, 's3', 'uploads'), { recursive: true }) as string[]).filter((name) =>
        /[/\\]\d+\.json$/.test(name),
      );
    while (parts().length < 2) await new Promise((resolve) => setImmediate(resolve));
    child?.kill('SIGKILL');
    await cut;
    const [{ id }] = await uploads();
    expect((await client.getUpload('pecas', id)).uploaded.length).toBeGreaterThan(1);
    const again = await carga(['push', 'pecas', source, '--as-is', '--json'], { env });
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('Going on with');
    expect((await uploads()).map(({ status }) => status)).toEqual(['complete']);
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: { read: 100, inserted: 100 }, result: 'success' });
  });

  it('ends with 4 when the key is not accepted, with 1 when the figura is not there', async () => {
    const wrongKey = await carga(['push', 'pecas', SAMPLE], { env: { CARGA_API_KEY: 'errada' } });
    const noFigura = await carga(['push', 'nao_existe', SAMPLE, '--json']);
    expect([wrongKey.code, noFigura.code]).toEqual([4, 1]);
    expect(JSON.parse(noFigura.stdout).error.code).toBe('figura_not_found');
  });
});

describe('carga status', () => {
  it('finds the figura of a job, and says when there is no such job', async () => {
    const source = await file('one.ndjson', '{"codigo":"0777","nome":"Mola","preco":1}\n');
    const id = (await carga(['push', 'pecas', source, '--no-wait'])).stdout.trim();
    const run = await carga(['status', id, '--watch', '--json']);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ id, figura: 'pecas', status: 'complete' });
    expect(await carga(['status', '00000000-0000-4000-8000-000000000000'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('watches on while the service restarts, and leaves the job alone at Ctrl-C', async () => {
    // Nobody works on the queue: the job is there for as long as this takes.
    const [worker] = stack.workers;
    await worker?.kill('SIGTERM');
    // Who opens an event stream watches.
    const line = await openFaultyLine(new URL(stack.url));
    onTestFinished(() => line.close());
    let streams = 0;
    line.rewrite = (bytes) => {
      if (/^content-type: text\/event-stream/im.test(bytes.toString('latin1'))) streams += 1;
      return bytes;
    };
    const env = { CARGA_URL: `http://127.0.0.1:${line.port}` };
    let watching: ChildProcess | undefined;
    const source = await file('two.ndjson', '{"codigo":"0888","nome":"Mola","preco":1}\n');
    const pushed = carga(['push', 'pecas', source], {
      env,
      onStart: (child) => {
        watching = child;
      },
    });
    await expect.poll(() => streams).toBe(1);
    watching?.kill('SIGINT');
    const interrupted = await pushed;
    expect(interrupted.code).toBe(130);
    const id = /carga status (\S+) --figura pecas --watch/.exec(interrupted.stderr)?.[1] ?? '';

    const watched = carga(['status', id, '--watch', '--json'], { env });
    await expect.poll(() => streams).toBe(2);
    const back = stack.restartWeb();
    // The service counts as ready only with a worker.
    stack.startWorker();
    await back;
    const run = await watched;
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ id, status: 'complete', rows: { inserted: 1 } });
  });
});

describe('carga figuras', () => {
  it('lists them and shows the columns of one', async () => {
    const all = await carga(['figuras', '--json']);
    expect(JSON.parse(all.stdout).map((figura: { name: string }) => figura.name)).toEqual(['fornecedores', 'pecas']);
    const one = await carga(['figuras', 'pecas']);
    expect(one.stdout.replace(/ +/g, ' ')).toContain('pecas · Peças · cadastro.pecas');
    expect(one.stdout.replace(/ +/g, ' ')).toContain('codigo text yes yes');
  });
});
