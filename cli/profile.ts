import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Address and key that `carga login` keeps. */
export interface Profile {
  url: string;
  key: string;
}

type Env = Record<string, string | undefined>;

/** Where the profile lies: CARGA_PROFILE, else where the system keeps settings of a person. */
export function profilePath(env: Env): string {
  if (env.CARGA_PROFILE) return env.CARGA_PROFILE;
  return path.join(env.XDG_CONFIG_HOME || path.join(env.HOME || homedir(), '.config'), 'carga', 'profile.json');
}

/** The profile; null when nobody logged in, or the file is not one. */
export function readProfile(env: Env): Profile | null {
  try {
    const { url, key } = JSON.parse(readFileSync(profilePath(env), 'utf8'));
    return typeof url === 'string' && typeof key === 'string' ? { url, key } : null;
  } catch {
    return null;
  }
}

/** Keeps a profile where only its owner can read it. */
export function writeProfile(env: Env, profile: Profile): string {
  const file = profilePath(env);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // A new file each time: one that is there already would keep whatever rights it has.
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(profile)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
  return file;
}
