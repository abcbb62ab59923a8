import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { profilePath } from './profile.ts';

type Env = Record<string, string | undefined>;

/** The service clears parts that nobody went on with for an hour after their addresses ended, which live 15 minutes. */
const KEPT_MS = 75 * 60 * 1000;

/** What is being sent where; the same bytes to the same figura of the same service are the same upload. */
export interface SentFile {
  url: string;
  figura: string;
  sha256: string;
}

interface CutUpload {
  id: string;
  /** Milliseconds since 1970. */
  begunAt: number;
}

/** Id of an upload of this file that was begun and not ended; undefined when there is none that could still be there. */
export function findCutUpload(env: Env, file: SentFile): string | undefined {
  return readAll(env)[nameOf(file)]?.id;
}

/** Remembers an upload until it ends: whatever ends the command, the next one can go on. */
export function rememberUpload(env: Env, file: SentFile, id: string): void {
  writeAll(env, { ...readAll(env), [nameOf(file)]: { id, begunAt: Date.now() } });
}

/** Forgets an upload that has ended. */
export function forgetUpload(env: Env, file: SentFile): void {
  const { [nameOf(file)]: ended, ...others } = readAll(env);
  if (ended) writeAll(env, others);
}

function nameOf({ url, figura, sha256 }: SentFile): string {
  return createHash('sha256').update(`${url}\n${figura}\n${sha256}`).digest('hex');
}

function fileOf(env: Env): string {
  return path.join(path.dirname(profilePath(env)), 'uploads.json');
}

function readAll(env: Env): Record<string, CutUpload> {
  try {
    const all: Record<string, CutUpload> = JSON.parse(readFileSync(fileOf(env), 'utf8'));
    return Object.fromEntries(Object.entries(all).filter(([, { begunAt }]) => Date.now() - begunAt < KEPT_MS));
  } catch {
    return {};
  }
}

/** That this fails, as in a container without a home, costs no more than beginning anew. */
function writeAll(env: Env, all: Record<string, CutUpload>): void {
  const file = fileOf(env);
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(all)}\n`, { mode: 0o600 });
    renameSync(fresh, file);
  } catch {}
}
