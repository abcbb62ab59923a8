import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BAD = 'tests/fixtures/bad-layers';
let root: string;

beforeAll(() => {
  // The rules go by folder from the project's root: the fixture becomes the root of a project of its own.
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'carga-layers-')));
  fs.cpSync(BAD, root, { recursive: true });
  const config = JSON.parse(fs.readFileSync('biome.json', 'utf8'));
  fs.writeFileSync(
    path.join(root, 'biome.json'),
    JSON.stringify({ ...config, $schema: undefined, vcs: undefined, files: undefined }),
  );
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function sourceFiles(folder: string): string[] {
  return (fs.readdirSync(folder, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file)).sort();
}

/** Files in which Biome finds an import over a forbidden border. */
async function findFaults(): Promise<string[]> {
  const biome = path.resolve('node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', '.'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error) => error);
  const files = [...String(stdout).matchAll(/file=([^,]+),/g)].map((match) => match[1] as string);
  return [...new Set(files.map((file) => path.relative(root, path.resolve(root, file))))].sort();
}

test('every import over a forbidden border is a fault', async () => {
  expect(sourceFiles(BAD).length).toBeGreaterThan(10);
  expect(await findFaults()).toEqual(sourceFiles(BAD));
});

test('imports within the layers are none', async () => {
  const allowed = {
    'app/api/route.ts': "export * from '#lib/api/handler.ts';",
    'cli/carga.ts': "export * from '#lib/api-client/watch-job.ts';",
    'components/jobs/job-table.tsx': "export * from '#lib/job/job-states.ts';",
    'lib/formats/reader/reader.ts': "export * from 'node:fs';",
    'lib/figura/figura-registry.ts': "export * from '../db/pool.ts';",
    'worker/main.ts': "export * from '#lib/load/stage.ts';",
  };
  for (const [file, text] of Object.entries(allowed)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), `${text}\n`);
  }
  const faults = await findFaults();
  expect(faults.filter((file) => file in allowed)).toEqual([]);
});
