import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { answerJson, startTestServer, type TestServer } from '#lib/api-client/test-server.ts';

const KEY = 'carga_segredo_de_teste';
/** util-linux's program that gives another one a terminal. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

const folder = mkdtempSync(path.join(tmpdir(), 'carga-try-'));
const profile = path.join(folder, 'profile.json');
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer((request, response) =>
    request.headers.authorization === `Bearer ${KEY}`
      ? answerJson(response, 200, { items: [], nextCursor: null })
      : answerJson(response, 401, { code: 'invalid_credentials', detail: 'no', status: 401 }),
  );
});
afterEach(async () => {
  await server.close();
  rmSync(profile, { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Logs in on a terminal, typing what is given; gives what the terminal showed and how the command ended. */
function loginAtTerminal(typed: string): Promise<{ code: number | null; shown: string }> {
  const command = `'${process.execPath}' '${path.join(import.meta.dirname, 'carga.ts')}' login --url ${server.url}`;
  return new Promise((resolve) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env.PATH, CARGA_LANG: 'en', CARGA_PROFILE: profile } as unknown as NodeJS.ProcessEnv,
    });
    let shown = '';
    let isTyped = false;
    child.stdout.on('data', (chunk) => {
      shown += chunk;
      if (isTyped || !shown.includes('is not shown')) return;
      isTyped = true;
      child.stdin.write(typed);
    });
    child.on('close', (code) => resolve({ code, shown }));
  });
}

it.skipIf(!hasScript)('takes a key at a terminal without showing it', async () => {
  // Typed wrongly first, erased, then right.
  const { code, shown } = await loginAtTerminal(`xy\x7f\x7f${KEY}\r`);
  expect([code, shown.includes('Address and key are kept')]).toEqual([0, true]);
  expect(shown).not.toContain(KEY);
  expect(JSON.parse(readFileSync(profile, 'utf8'))).toEqual({ url: server.url, key: KEY });
  expect(statSync(profile).mode & 0o777).toBe(0o600);
});

it.skipIf(!hasScript)('ends at Ctrl-C and keeps nothing', async () => {
  const { code, shown } = await loginAtTerminal(`${KEY}\x03`);
  expect([code, existsSync(profile), shown.includes(KEY)]).toEqual([130, false, false]);
});
