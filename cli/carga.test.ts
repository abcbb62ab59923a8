import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson, startTestServer } from '#lib/api-client/test-server.ts';
import { cancel } from './commands/cancel.ts';
import { convert } from './commands/convert.ts';
import { errors } from './commands/errors.ts';
import { figuras } from './commands/figuras.ts';
import { keys } from './commands/keys.ts';
import { login } from './commands/login.ts';
import { push } from './commands/push.ts';
import { retry } from './commands/retry.ts';
import { status } from './commands/status.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { helpIn } from './messages/messages.ts';
import { runCarga } from './run-carga.ts';

const ID = '0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b';
const commands = { push, status, errors, retry, cancel, figuras, convert, keys, login };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'carga-try-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('help', () => {
  it.each(['en', 'pt-BR'] as const)('names every option and fits a terminal, in %s', (locale) => {
    const help = helpIn(locale);
    for (const [name, { spec }] of Object.entries(commands)) {
      const text = help[name as keyof typeof commands];
      for (const option of Object.keys(spec.options)) expect(text, name).toContain(`--${option}`);
      expect(help.carga).toContain(`  ${name} `);
      expect(text).toContain(`carga ${name}`);
    }
    for (const line of Object.values(help).flatMap((text) => text.split('\n')))
      expect(line.length, line).toBeLessThanOrEqual(120);
  });

  it('goes to stdout when asked for, in the language of the system', async () => {
    const asked = await runCarga(['push', '--help'], { env: { CARGA_LANG: '', LANG: 'pt_BR.UTF-8' } });
    expect(asked).toEqual({ code: 0, stdout: `${helpIn('pt-BR').push}\n`, stderr: '' });
    expect(await runCarga(['help', 'push'])).toEqual({ code: 0, stdout: `${helpIn('en').push}\n`, stderr: '' });
    expect(await runCarga(['-h'])).toEqual({ code: 0, stdout: `${helpIn('en').carga}\n`, stderr: '' });
  });

  it('tells every exit code, as the page about the command does', async () => {
    const page = await readFile(path.join(import.meta.dirname, '../docs/command.md'), 'utf8');
    for (const code of Object.values(EXIT_CODES)) {
      expect(page).toContain(`\n| ${code} | `);
      for (const locale of ['en', 'pt-BR'] as const) expect(helpIn(locale).carga).toMatch(new RegExp(` ${code}  `));
    }
  });

  it('comes in the language that --lang names, wherever it stands', async () => {
    const asked = await runCarga(['push', '--lang', 'pt', '--help']);
    expect(asked.stdout).toBe(`${helpIn('pt-BR').push}\n`);
    const wrong = await runCarga(['--lang=de', 'push', '--help']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--lang takes pt, pt-BR, en')]);
    expect((await runCarga(['--version'])).stdout).toMatch(/^carga \d+\.\d+\.\d+\n$/);
  });

  it('goes to stderr when nothing was asked', async () => {
    expect(await runCarga([])).toEqual({ code: 2, stdout: '', stderr: `${helpIn('en').carga}\n` });
  });
});

describe('carga', () => {
  it.each([
    [['psh'], 'carga: There is no command “psh”. Did you mean “push”?\nHelp and examples: carga --help\n'],
    [['constructor'], 'carga: There is no command “constructor”.\nHelp and examples: carga --help\n'],
    [['status', 'x'], 'carga: “x” is no id of a job, such as 0193a1b2-….\nHelp and examples: carga status --help\n'],
    [['push', 'Fornecedores', 'x'], 'carga: “Fornecedores” is no name of a figura'],
    [['push', 'a', '-', '-'], 'carga: Stdin (“-”) can be sent once only.'],
    [['push', 'a', 'x', '--watch', '--no-wait'], 'carga: --watch and --no-wait contradict each other.'],
    [['keys', 'dance'], 'carga: “dance” is none of list, create, revoke.'],
    [['push', 'a', 'x', '--map', '=b'], 'carga: “=b” is no mapping'],
    [['push', 'a', 'x', '--max-errors', '-1'], 'carga: The option --max-errors needs a value'],
    [['push', 'a', 'x', '--max-errors', 'many'], 'carga: The option --max-errors takes a whole number'],
    [['push', 'a', 'x', '--encoding', 'klingon'], 'carga: “klingon” is no encoding'],
    [['push', 'a', 'x', '--date-format', 'dd/mm'], 'carga: “dd/mm” is no date format'],
    [['push', 'a', 'x', '--delimiter', ';;'], 'carga: “;;” is no delimiter'],
    [['figuras', '--url', 'localhost:3000', '--key', 'k'], 'carga: “localhost:3000” is not an address'],
    [['convert', 'nowhere.csv', 'x.parquet'], 'carga: nowhere.csv does not exist.'],
    [['convert', 'nowhere.csv', 'x.xlsx'], 'carga: x.xlsx: the extension says what to write'],
  ])('ends with 2 and a reason for %j', async (args, reason) => {
    const { code, stdout, stderr } = await runCarga(args, { env: { CARGA_API_KEY: 'k' }, cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.slice(0, reason.length)).toBe(reason);
  });

  it('ends with 4 without a key, without a connection, and where something else answers', async () => {
    const server = await startTestServer((_, response) => void response.writeHead(200).end('<html>'));
    const run = (url: string, key: string) =>
      runCarga(['figuras', '--json'], { env: { CARGA_URL: url, CARGA_API_KEY: key } });
    const other = await run(server.url, 'k');
    await server.close();
    const nobody = await run(server.url, 'k');
    const noKey = await run(server.url, '');
    expect([other.code, nobody.code, noKey.code]).toEqual([4, 4, 4]);
    expect(other.stderr).toContain('is not Carga (HTTP 200)');
    expect(nobody.stderr).toMatch(/does not answer \(.*ECONNREFUSED/);
    expect(JSON.parse(noKey.stdout).error.code).toBe('no_key');
  });

  it('tells a refusal with its code and request, without letting the terminal carry it out', async () => {
    const server = await startTestServer((_, response) =>
      answerJson(response, 401, { code: 'unauthenticated', detail: 'No\x1b]0;key', requestId: 'r-1', status: 401 }),
    );
    try {
      const { code, stderr } = await runCarga(['figuras', '--url', server.url, '--key', 'wrong']);
      expect(code).toBe(4);
      expect(stderr).toContain('carga: No\\u{1b}]0;key\n');
      expect(stderr).toContain('(code unauthenticated, request r-1)');
    } finally {
      await server.close();
    }
  });

  it('is started in Node 24 by the shim, arguments and exit code going through', () => {
    // An older Node than this project's own, where the machine has one; else the shim runs the command itself.
    const older = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file)) ?? process.execPath;
    const shim = path.join(import.meta.dirname, 'carga.mjs');
    const run = spawnSync(older, [shim, 'status', 'x y'], {
      encoding: 'utf8',
      env: { CARGA_LANG: 'pt' } as unknown as NodeJS.ProcessEnv,
    });
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('“x y” não é o id de uma carga');
  });
});

describe('carga convert', () => {
  const rows = [
    {
      id: 1,
      nome: "Alta Floresta D'Oeste",
      grande: 9007199254740991,
      ativo: true,
      enderecos: [{ rua: 'São João', n: null, extra: { a: [] } }],
    },
    { id: 2, nome: 'linha\nnova "aspas" ; , \t', valor: 1.5, ativo: false, enderecos: [] },
    { id: 3, nome: '', ativo: null, misto: 'texto' },
    { id: 4, nome: null, misto: 7, enderecos: { só: 'objeto' } },
  ];

  async function through(...names: string[]) {
    for (const [index, name] of names.slice(1).entries()) {
      const run = await runCarga(['convert', names[index] as string, name, '--json'], { cwd: folder });
      expect(run.stderr).toBe('');
      expect(run.code).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ output: name, rowCount: rows.length });
    }
    return readFile(path.join(folder, names.at(-1) as string), 'utf8');
  }

  it('gives equal JSON back from Parquet that was made from JSON', async () => {
    await writeFile(path.join(folder, 'a.json'), JSON.stringify(rows));
    expect(JSON.parse(await through('a.json', 'a.parquet', 'b.json'))).toEqual(rows);
  });

  it('goes from JSON to NDJSON and back without Parquet being seen', async () => {
    await writeFile(path.join(folder, 'c.json'), JSON.stringify(rows));
    const text = await through('c.json', 'c.ndjson');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    expect(JSON.parse(await through('c.ndjson', 'd.json'))).toEqual(rows);
  });

  it('writes Avro and reads it again', async () => {
    await writeFile(path.join(folder, 'l.json'), JSON.stringify(rows));
    expect((await through('l.json', 'l.parquet', 'l.avro')).slice(0, 3)).toBe('Obj');
    const [, second] = JSON.parse(await through('l.avro', 'm.parquet', 'm.json'));
    expect(second).toMatchObject({ nome: rows[1]?.nome });
  });

  it('keeps the texts of a CSV: zeros in front, commas, an old encoding', async () => {
    const csv = 'codigo;nome;valor\r\n0033;"São João; d\'Oeste";1.234,50\r\n0001;Açu;0,1\r\n';
    await writeFile(path.join(folder, 'e.csv'), Buffer.from(csv, 'latin1'));
    const run = await runCarga(['convert', 'e.csv', 'e.parquet'], { cwd: folder });
    expect(run).toEqual({ code: 0, stdout: expect.stringMatching(/^e\.parquet: 2 rows, /), stderr: '' });
    await runCarga(['convert', 'e.parquet', 'f.csv'], { cwd: folder });
    expect((await readFile(path.join(folder, 'f.csv'), 'utf8')).replaceAll('\r\n', '\n').replaceAll('"', '')).toBe(
      csv.replaceAll('\r\n', '\n').replaceAll('"', ''),
    );
  });

  it('says where a file is malformed, and leaves the old output and no half-written one', async () => {
    await writeFile(path.join(folder, 'g.json'), '[{"a":1},\n{"a":}]');
    await writeFile(path.join(folder, 'g.parquet'), 'old');
    const run = await runCarga(['convert', 'g.json', 'g.parquet', '--json'], { cwd: folder });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^carga: The file cannot be read from line 2, column 6 on: .*malformed_json/);
    expect(JSON.parse(run.stdout).error).toMatchObject({ code: 'malformed_json', line: 2, column: 6 });
    expect(await readFile(path.join(folder, 'g.parquet'), 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('refuses what is no data, and a file onto itself', async () => {
    await writeFile(path.join(folder, 'h.csv'), Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'));
    await writeFile(path.join(folder, 'i.csv'), '');
    await writeFile(path.join(folder, 'j.json'), '[]');
    const codes = [];
    for (const args of [
      ['h.csv', 'x.parquet'],
      ['i.csv', 'x.parquet'],
      ['j.json', './j.json'],
    ]) {
      const { code, stdout } = await runCarga(['convert', ...args, '--json'], { cwd: folder });
      codes.push([code, JSON.parse(stdout).error.code]);
    }
    expect(codes).toEqual([
      [1, 'format_contradiction'],
      [1, 'empty_file'],
      [2, 'usage'],
    ]);
  });
});

describe('carga push', () => {
  it('gives the upload up at Ctrl-C', async () => {
    let onPut = () => true;
    const server = await startTestServer((request, response) => {
      if (request.url?.startsWith('/api/figuras/')) answerJson(response, 200, { name: 'fornecedores' });
      else if (request.url?.endsWith('/uploads')) {
        answerJson(response, 201, { id: ID, url: 's3://b/k', put: { url: `${server.url}/bucket`, headers: {} } });
      } else if (request.method === 'DELETE') response.writeHead(204).end();
      // The bucket never answers: the upload is still going on.
      else onPut();
    });
    try {
      await writeFile(path.join(folder, 'k.json'), '[{"id":1}]');
      const temp = path.join(folder, 'temp');
      await mkdir(temp);
      const run = await runCarga(['push', 'fornecedores', 'k.json', '--url', server.url, '--key', 'k'], {
        cwd: folder,
        env: { TMPDIR: temp },
        onStart: (child) => {
          onPut = () => child.kill('SIGINT');
        },
      });
      expect(run.code).toBe(130);
      expect(run.stderr).toContain('the upload was given up, nothing was loaded');
      expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', url: `/api/fornecedores/_bulk/uploads/${ID}` });
      expect(readdirSync(temp)).toEqual([]);
    } finally {
      await server.close();
    }
  });
});

describe('carga status', () => {
  it('leaves the job running at Ctrl-C and says how to watch it again', async () => {
    const server = await startTestServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    });
    try {
      let child: ChildProcess | undefined;
      const args = ['status', ID, '--figura', 'fornecedores', '--watch', '--url', server.url, '--key', 'k'];
      const run = runCarga(args, {
        env: { CARGA_LANG: 'pt' },
        onStart: (started) => {
          child = started;
        },
      });
      // The stream being asked for is the sign that the watching has begun.
      while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      child?.kill('SIGINT');
      expect(await run).toMatchObject({
        code: 130,
        stderr: expect.stringContaining(
          `A carga continua sem este comando. Para acompanhar de novo: carga status ${ID}`,
        ),
      });
      expect(server.requests.every((request) => request.method === 'GET')).toBe(true);
    } finally {
      await server.close();
    }
  });
});
