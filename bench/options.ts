import { parseArgs } from 'node:util';
import { CASES, type CaseName, FORMATS } from './cases.ts';
import { PEERS } from './peers.ts';

/** What a part of a bench does. */
export interface BenchPart {
  title: string;
  rows: number;
  runs: number;
  cases: CaseName[];
  formats: (typeof FORMATS)[number][];
  peers: (typeof PEERS)[number][];
  /** Rows of the peers that would take minutes over all of them; their figures are rows/s. */
  peerRows: number;
  /** Rows in a row group of the Parquet. */
  groupRows: number;
  /** Whether the floor runs beside Carga; without it nothing is compared. */
  floor: boolean;
}

/** What a bench does. */
export interface BenchOptions {
  parts: BenchPart[];
  jsonFile: string | null;
  /** Whether the web application is built anew when its source has changed. */
  build: boolean;
}

export const USAGE = `npm run bench -- [options]
  Without --rows, --cases and --formats: every case beside every peer, then every format, then 10M rows.
  --rows 1000000       rows of the file; 10000000 for growth (20 GB of disk, half an hour a case)
  --runs 3             runs of which the median counts
  --cases ${Object.keys(CASES).join(',')}
  --formats parquet    ${FORMATS.join(',')}
  --peers              ${PEERS.join(',')} or none
  --peer-rows 50000    rows of values; prisma takes a fifth of them
  --group-rows 122880  rows in a row group of the Parquet
  --json FILE          all runs, as JSON
  --no-build           takes the web application as it was built last
  --no-floor           Carga alone`;

// Growth in time and memory shows in one run: it takes as long as all others together.
const GROWN_ROWS = 10_000_000;

/** Reads the command line. @throws an error whose message says what is wrong */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      rows: { type: 'string', default: '1000000' },
      runs: { type: 'string', default: '3' },
      cases: { type: 'string', default: 'empty,changed,unchanged,mixed,bad' },
      formats: { type: 'string', default: 'parquet' },
      peers: { type: 'string', default: PEERS.join(',') },
      'peer-rows': { type: 'string', default: '50000' },
      'group-rows': { type: 'string', default: '122880' },
      json: { type: 'string' },
      build: { type: 'boolean', default: true },
      floor: { type: 'boolean', default: true },
    },
  });
  const part: BenchPart = {
    title: 'cases',
    rows: positive('rows', values.rows),
    runs: positive('runs', values.runs),
    cases: list('cases', values.cases, Object.keys(CASES) as CaseName[]),
    formats: list('formats', values.formats, FORMATS),
    peers: values.peers === 'none' ? [] : list('peers', values.peers, PEERS),
    peerRows: positive('peer-rows', values['peer-rows']),
    groupRows: positive('group-rows', values['group-rows']),
    floor: values.floor,
  };
  const isChosen = args.some((arg) => /^--(rows|cases|formats)(=|$)/.test(arg));
  const whole: BenchPart[] = [
    { ...part, title: 'every case, every peer' },
    { ...part, title: 'every format', cases: ['empty'], formats: [...FORMATS], peers: [] },
    { ...part, title: 'ten times the rows', rows: GROWN_ROWS, runs: 1, cases: ['empty', 'mixed'], peers: [] },
  ];
  return { parts: isChosen ? [part] : whole, jsonFile: values.json ?? null, build: values.build };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} has to be a whole number above 0.`);
  return value;
}

function list<T extends string>(name: string, text: string, allowed: readonly T[]): T[] {
  const words = text.split(',').filter(Boolean);
  const wrong = words.find((word) => !allowed.includes(word as T));
  if (wrong !== undefined) throw new Error(`--${name} does not know "${wrong}"; it knows ${allowed.join(', ')}.`);
  return words as T[];
}
