import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCarga } from './run-carga.ts';

let folder: string;
let script: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'carga-try-'));
  const run = await runCarga(['completion', 'bash']);
  expect([run.code, run.stderr]).toEqual([0, '']);
  script = path.join(folder, 'carga.bash');
  writeFileSync(script, run.stdout);
  writeFileSync(path.join(folder, 'entrega.csv'), 'a\n1\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers after these words; the last one is being typed. */
function offers(...words: string[]): string[] {
  const typed = ['carga', ...words].map((word) => `'${word}'`).join(' ');
  const program = `set -u; source '${script}'; COMP_WORDS=(${typed}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _carga; printf '%s\\n' "\${COMPREPLY[@]:-}"`;
  const output = execFileSync('bash', ['--norc', '--noprofile', '-c', program], { encoding: 'utf8', cwd: folder });
  return output.split('\n').filter(Boolean);
}

describe('carga completion bash', () => {
  it('offers commands, options and what options take', () => {
    expect(offers('')).toEqual(expect.arrayContaining(['push', 'status', 'keys', 'login', 'completion', 'help']));
    expect(offers('st')).toEqual(['status']);
    expect(offers('push', 'fornecedores', 'x.csv', '--m')).toEqual(['--mode', '--max-errors', '--map']);
    expect(offers('push', 'fornecedores', '--mode', '')).toEqual(['merge', 'append', 'snapshot']);
    expect(offers('push', 'fornecedores', '--format', 'p')).toEqual(['parquet']);
    expect(offers('errors', '--lang', 'p')).toEqual(['pt', 'pt-BR']);
    expect(offers('keys', '')).toEqual(['list', 'create', 'revoke']);
    expect(offers('keys', 'create', 'erp', '--role', 'o')).toEqual(['operator']);
    expect(offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('leaves files and free texts to the shell', () => {
    expect(offers('push', 'fornecedores', 'entr')).toEqual([]);
    expect(offers('push', 'fornecedores', '--map', 'm')).toEqual([]);
    expect(offers('convert', 'entr')).toEqual([]);
    const registered = execFileSync('bash', ['--norc', '-c', `source '${script}'; complete -p carga`], {
      encoding: 'utf8',
    });
    expect(registered.trim()).toBe('complete -o bashdefault -o default -F _carga carga');
  });
});

describe('the other shells', () => {
  it.each(['zsh', 'fish'])('get what %s reads without a fault, where it is installed', async (shell) => {
    const { code, stdout } = await runCarga(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('snapshot');
    const file = path.join(folder, `carga.${shell}`);
    writeFileSync(file, stdout);
    const check = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (check.error === undefined) expect([check.status, check.stderr]).toEqual([0, '']);
  });

  it('are not guessed', async () => {
    const { code, stderr } = await runCarga(['completion', 'tcsh']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('“tcsh” is none of bash, zsh, fish.')]);
  });
});
