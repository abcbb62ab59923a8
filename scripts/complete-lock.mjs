// Completes package-lock.json so that `npm ci` accepts it on every platform. Run it after each `npm install`:
//   node scripts/complete-lock.mjs          mends the lock file
//   node scripts/complete-lock.mjs --check  changes nothing; exit code 1 if there is something to mend
//
// Three faults it mends:
// - A registry that does not serve a platform's package (some @next/swc-*, @biomejs/cli-*) makes npm leave it out of the
//   lock, and `npm ci` then refuses the lock (EUSAGE). An entry is made from the package's name and from the same release
//   for another platform. It has no integrity hash, so it is installed unverified where its platform is used: that is why
//   only optional platform packages of exact versions get one.
// - npm leaves out an optional package whose `engines` the installing Node does not meet, though our scripts run under
//   the Node 24 of this lock: optional entries carry no `engines`.
// - A lock made through a mirror names the mirror in each `resolved`; without it npm asks the registry it is set to.
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK_FILE = 'package-lock.json';
const VERSION = /^\d+\.\d+\.\d+/;
const OS_NAMES = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  linuxmusl: 'linux',
  macos: 'darwin',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win: 'win32',
  win32: 'win32',
  windows: 'win32',
};
const CPU_NAMES = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const isCheck = process.argv.includes('--check');
const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
const { packages } = lock;
const faults = [];
let isBeyondUs = false;

for (const [folder, entry] of Object.entries(packages)) {
  for (const [name, wanted] of Object.entries(entry.optionalDependencies ?? {})) addIfMissing(folder, name, wanted);
}
for (const [folder, entry] of Object.entries(packages)) {
  if (entry.optional && entry.engines) mend(`${folder}: engines on an optional package`, () => delete entry.engines);
  if (/^https?:/.test(entry.resolved ?? '')) mend(`${folder}: a registry's address`, () => delete entry.resolved);
}
for (const fault of faults) console.log(fault);
if (faults.length > 0 && !isCheck) {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
}
if (isCheck && faults.length > 0) console.log('Mend it by: node scripts/complete-lock.mjs');
process.exit(isBeyondUs || (isCheck && faults.length > 0) ? 1 : 0);

function mend(fault, repair) {
  faults.push(fault);
  if (!isCheck) repair();
}

function addIfMissing(folder, name, wanted) {
  const places = lookupPlaces(folder, name);
  const found = places.find((place) => packages[place]);
  // What a range accepts is npm's to decide; every platform package we know of is asked for by an exact version.
  if (found && (packages[found].version === wanted || !VERSION.test(wanted))) return;
  if (!VERSION.test(wanted)) {
    console.error(`${name} ${wanted}, wanted by ${folder || 'the root'}, cannot be added: it is no exact version.`);
    isBeyondUs = true;
    return;
  }
  // Another version at the usual place: nest this one under the package that wants it, as npm does.
  const place = found ? places[0] : places.at(-1);
  mend(`${place}: missing, ${wanted}`, () => {
    const platform = { ...guessPlatform(name), ...likeItsSiblings(folder, wanted) };
    if (!platform.os && !platform.cpu) {
      console.error(`${name}: neither os nor cpu is known; npm would install it everywhere.`);
      isBeyondUs = true;
    }
    const { dev } = packages[folder];
    packages[place] = inNpmOrder({ version: wanted, ...platform, ...(dev && { dev }), optional: true });
  });
}

/** Where Node looks for a package: beside whoever wants it, then beside each parent, then at the root. */
function lookupPlaces(folder, name) {
  const places = [];
  for (let from = folder; ; ) {
    places.push(`${from ? `${from}/` : ''}node_modules/${name}`);
    if (!from) return places;
    from = from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0));
  }
}

/** What a name such as `@scope/thing-linux-x64-musl` says. */
function guessPlatform(name) {
  const words = name.split(/[-/]/);
  const os = [...new Set(words.map((word) => OS_NAMES[word]).filter(Boolean))];
  const isArm = words.some((word) => word === 'armv7' || word === 'gnueabihf');
  const cpu = isArm ? ['arm'] : CPU_NAMES.filter((known) => words.includes(known));
  const isGlibc = words.includes('gnu') && os[0] === 'linux';
  const libc = /musl/.test(name) ? ['musl'] : isGlibc ? ['glibc'] : [];
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(os.length > 0 && { os }),
    ...(libc.length > 0 && { libc }),
  };
}

/** What the same release of the package for another platform has. */
function likeItsSiblings(folder, version) {
  const names = Object.keys(packages[folder].optionalDependencies);
  const entries = names.map((name) =>
    lookupPlaces(folder, name)
      .map((place) => packages[place])
      .find(Boolean),
  );
  const { license, bin, hasInstallScript } = entries.find((entry) => entry?.version === version) ?? {};
  return { ...(license && { license }), ...(bin && { bin }), ...(hasInstallScript && { hasInstallScript }) };
}

/** npm writes the version, then plain values, then objects, each group by name: the next install changes no line. */
function inNpmOrder(entry) {
  const group = (key, value) =>
    key === 'version' ? 0 : value && typeof value === 'object' && !Array.isArray(value) ? 2 : 1;
  return Object.fromEntries(
    Object.entries(entry).sort(([a, x], [b, y]) => group(a, x) - group(b, y) || a.localeCompare(b, 'en')),
  );
}
