import type { JobDto } from '#lib/api/schemas.ts';
import type { Phases } from './floor.ts';
import type { RunUsage } from './usage.ts';

/** One timed run. */
export interface Run {
  case: string;
  /** `carga parquet`, `floor`, or a peer. */
  who: string;
  rows: number;
  seconds: number;
  phases: Phases;
  usage: RunUsage | null;
  outcomes?: JobDto['rows'];
  reported?: number;
  /** What differs from what was expected; empty when all is well. */
  wrong: string[];
}

const median = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};
const known = (values: (number | null | undefined)[]) => values.filter((value): value is number => value != null);
const oneDigit = (value: number) => value.toFixed(1);
const thousands = (value: number) => Math.round(value).toLocaleString('en');

/** The runs as one table, medians over equal ones; `notes` are added below. */
export function formatTable(runs: Run[], notes: string[]): string {
  const header = [
    'case',
    'who',
    'rows',
    'seconds',
    'rows/s',
    '÷ floor',
    'CPU ÷ floor',
    'phases: seconds (rows/s)',
    'CPU s: worker+reader+PG+client',
    'peak MB: worker, reader, at once',
  ];
  const lines: string[][] = [];
  for (const name of new Set(runs.map((run) => run.case))) {
    const ofCase = runs.filter((run) => run.case === name);
    const floor = ofCase.filter(({ who }) => who === 'floor').map(({ seconds }) => seconds);
    for (const who of new Set(ofCase.map((run) => run.who))) {
      const same = ofCase.filter((run) => run.who === who);
      const seconds = median(same.map((run) => run.seconds));
      const rows = same[0]?.rows ?? 0;
      const isComparable = floor.length > 0 && rows === ofCase.find((run) => run.who === 'floor')?.rows;
      const perRow = median(floor) / (ofCase.find((run) => run.who === 'floor')?.rows ?? 1);
      const ratio = floor.length === 0 ? null : isComparable ? seconds / median(floor) : seconds / rows / perRow;
      const cpu = median(same.map(cpuSeconds));
      const floorCpu = median(ofCase.filter((run) => run.who === 'floor').map(cpuSeconds));
      lines.push([
        name,
        who,
        thousands(rows),
        oneDigit(seconds),
        thousands(rows / seconds),
        ratio === null ? '' : `${isComparable || who.startsWith('carga') ? '' : '~'}${ratio.toFixed(2)}`,
        cpu > 0 && floorCpu > 0 ? (cpu / floorCpu).toFixed(2) : '',
        phaseWords(same, rows),
        usageWords(same, (usage) => [usage.workerCpu, usage.readerCpu, usage.postgresCpu, usage.clientCpu], 1, '+'),
        usageWords(
          same,
          (usage) => [usage.workerPeakBytes, usage.readerPeakBytes, usage.bothPeakBytes].map((b) => b && b / 1e6),
          0,
          ', ',
        ),
      ]);
    }
  }
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const wrong = runs.flatMap((run) => run.wrong.map((words) => `WRONG: ${run.case}, ${run.who}: ${words}`));
  return [format(header), rule, ...lines.map(format), '', ...notes, ...wrong].join('\n');
}

/** CPU of everybody who took part: on a machine that others use too, it says more than the clock. */
function cpuSeconds({ usage }: Run): number {
  if (usage === null) return 0;
  const { workerCpu, readerCpu, postgresCpu, clientCpu } = usage;
  return known([workerCpu, readerCpu, postgresCpu, clientCpu]).reduce((sum, seconds) => sum + seconds, 0);
}

function phaseWords(runs: Run[], rows: number): string {
  const names = Object.keys(runs[0]?.phases ?? {}).filter((name) => name !== 'queue');
  return names
    .map((name) => {
      const seconds = median(runs.map(({ phases }) => phases[name] ?? 0));
      return `${name} ${oneDigit(seconds)}${seconds >= 0.5 ? ` (${Math.round(rows / seconds / 1000)}k)` : ''}`;
    })
    .join(' ');
}

function usageWords(
  runs: Run[],
  pick: (usage: RunUsage) => (number | null)[],
  digits: number,
  separator: string,
): string {
  const usages = runs.flatMap(({ usage }) => (usage ? [pick(usage)] : []));
  const columns = usages[0]?.length ?? 0;
  const words = Array.from({ length: columns }, (_unused, column) => {
    const values = known(usages.map((usage) => usage[column]));
    return values.length === 0 ? '–' : median(values).toFixed(digits);
  });
  return words.join(separator);
}
