import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTempFolder } from './temp-folder.ts';

const root = mkdtempSync(path.join(tmpdir(), 'carga-temp-folder-test-'));
const HOUR_MS = 60 * 60 * 1000;

function leave(name: string, hoursAgo = 0): string {
  mkdirSync(path.join(root, name));
  writeFileSync(path.join(root, name, 'source'), 'x');
  const at = new Date(Date.now() - hoursAgo * HOUR_MS);
  utimesSync(path.join(root, name), at, at);
  return name;
}

test('removes what dead processes left, and nothing that a living one or another host may need', async () => {
  try {
    const dead = spawnSync(process.execPath, ['-e', '0']).pid;
    const kept = [
      leave(`carga-worker-${hostname()}-${process.ppid}-aaaaaa`, 48),
      leave(`carga-worker-${hostname()}-${process.pid}-aaaaab`),
      leave(`carga-worker-an-other-host-${dead}-aaaaac`, 23),
      leave(`carga-web-${hostname()}-${dead}-aaaaad`),
      leave('carga-worker-notes', 48),
    ];
    leave(`carga-worker-${hostname()}-${dead}-aaaaae`);
    leave(`carga-worker-${hostname()}-${process.pid}-aaaaaf`, 2);
    leave(`carga-worker-an-other-host-1-aaaaag`, 25);
    const made = path.basename(await makeTempFolder('worker', root));
    expect(readdirSync(root).sort()).toEqual([...kept, made].sort());
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
