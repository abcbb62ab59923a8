// The programs of the guides, run as they stand there.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guideBlocks } from '../support/guide-blocks.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'carga-guides-'));
let stack: Stack;
let client: StackClient;

/** The programs use what a person has; without it there is nothing to run. */
function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const hasPyarrow = spawnSync('python3', ['-c', 'import pyarrow']).status === 0;
const hasShellTools = has('bash') && has('curl') && has('jq');

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function shell(code: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run('bash', ['-c', code], { cwd: folder, env: environment(env) });
  return stdout;
}

const environment = (more: Record<string, string> = {}) =>
  ({
    PATH: process.env.PATH,
    CARGA_URL: stack.url,
    CARGA_API_KEY: stack.apiKey,
    ...more,
  }) as unknown as NodeJS.ProcessEnv;

describe('load-your-first-file', () => {
  beforeAll(async () => {
    const [csv = ''] = await guideBlocks('load-your-first-file', 'csv');
    writeFileSync(path.join(folder, 'fornecedores.csv'), csv);
  });

  test.runIf(hasShellTools)('with curl', async () => {
    const [program = ''] = await guideBlocks('load-your-first-file', 'bash');
    const output = JSON.parse(await shell(program));
    expect(output).toMatchObject({
      status: 'complete',
      result: 'success',
      rows: { read: 2, rejected: 0 },
      error: null,
    });
    expect((await client.db.query('select documento from cadastro.fornecedores order by id')).rows).toEqual([
      { documento: '12345678000195' },
      { documento: '01234567890' },
    ]);
  });

  test('with Node', async () => {
    const [program = ''] = await guideBlocks('load-your-first-file', 'js');
    writeFileSync(path.join(folder, 'load.mjs'), program);
    const { stdout } = await run(process.execPath, ['load.mjs'], { cwd: folder, env: environment() });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'complete', result: 'success', rows: { read: 2 } });
  });

  test(`with Python${hasPyarrow ? '' : ' (skipped: pyarrow is not installed)'}`, async ({ skip }) => {
    if (!hasPyarrow) skip('pyarrow is not installed');
    const [program = ''] = await guideBlocks('load-your-first-file', 'python');
    writeFileSync(path.join(folder, 'load.py'), program);
    const { stdout } = await run('python3', ['load.py'], { cwd: folder, env: environment() });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'complete', result: 'success', rows: { read: 2, rejected: 0 } });
    const { rows } = await client.db.query(
      'select limite_credito, data_cadastro::text from cadastro.fornecedores order by id',
    );
    expect(rows).toEqual([
      { limite_credito: '1500.50', data_cadastro: '2026-01-31' },
      { limite_credito: null, data_cadastro: null },
    ]);
  });
});

test.runIf(hasShellTools)('register-a-figura', async () => {
  const [sql = ''] = await guideBlocks('register-a-figura', 'sql');
  await client.db.query(sql);
  const [register = '', letIn = ''] = await guideBlocks('register-a-figura', 'bash');
  expect(JSON.parse(await shell(register))).toMatchObject({ name: 'cidades', key: ['codigo_ibge'] });
  const [secret = ''] = (await shell(letIn)).split('\n');
  const seen = await client.call('GET', '/api/figuras', undefined, { authorization: `Bearer ${secret}` });
  expect(seen.json.items.map(({ name }: { name: string }) => name)).toEqual(['cidades']);
});

test.runIf(hasShellTools)('errors-and-how-to-mend-them', async () => {
  const url = await client.upload('fornecedores', 'id,pessoa,nome\r\nx,J,a\r\n', 'ruim.csv');
  const { json } = await client.enqueue('fornecedores', { url });
  await client.untilEnd('fornecedores', json.id);
  const [program = ''] = await guideBlocks('errors-and-how-to-mend-them', 'bash');
  expect(await shell(program, { JOB: json.id })).toBe('1 id invalid_value\n');
  expect(readFileSync(path.join(folder, 'mend.csv'), 'utf8')).toContain('_row,_column,_code,_message');
});
