#!/usr/bin/env node
// The `carga` command. Plain JavaScript, because a Node that cannot read TypeScript must still be able to say so: it
// starts the command in the Node 24 that npm installed beside this file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIRED_MAJOR = 24;
const here = path.dirname(fileURLToPath(import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  await import('./carga.ts');
} else {
  const node = findNode();
  if (node === null) {
    console.error(
      `carga needs Node ${REQUIRED_MAJOR}; this is ${process.version}. Run npm ci in ${path.dirname(here)}, which brings it.`,
    );
    process.exit(2);
  }
  const child = spawn(node, [path.join(here, 'carga.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the whole process group: the child decides what it means, this one only waits for it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`carga could not start ${node}: ${error.message}`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** npm's link to Node 24, or the program behind it where there is none (Windows links by a .cmd file). */
function findNode() {
  const { platform, arch } = process;
  const packages =
    platform === 'win32'
      ? [`node-win-${arch}/bin/node.exe`]
      : [`node-${platform}-${arch}/bin/node`, `node-bin-${platform}-${arch}/bin/node`];
  for (let folder = path.dirname(here); ; folder = path.dirname(folder)) {
    const modules = path.join(folder, 'node_modules');
    for (const name of [...packages, ...(platform === 'win32' ? [] : ['.bin/node'])]) {
      if (existsSync(path.join(modules, name))) return path.join(modules, name);
    }
    if (path.dirname(folder) === folder) return null;
  }
}
