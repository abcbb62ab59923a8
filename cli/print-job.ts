import type { JobDto, RowDto } from '#lib/api/schemas.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { formatBytes, formatDuration, formatNumber } from '#lib/i18n/format.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { formatTable, printable } from './printable.ts';
import type { Session } from './session.ts';

/** Enough to see what is wrong with a file; the rest is a download. */
const ROWS_SHOWN = 10;

/** A cell may be a whole document; the reason matters more. */
const VALUE_LENGTH = 40;

/** Prints a job for people: figures that add up, the time it took, its page, and the first rejected rows. */
export async function printJob(session: Session, client: ApiClient, job: JobDto): Promise<void> {
  const { locale, messages, print } = session;
  print(
    messages.headline(job.figura, messages.phase(job.status, job.phase), job.dryRun),
    ...sumLines(session, job),
    '',
  );
  const facts: [string, string][] = [];
  if (job.error) facts.push([messages.errorLine, `${printable(job.error.detail)} (${printable(job.error.code)})`]);
  facts.push([messages.fileLine, `${printable(job.file.name)}, ${formatBytes(locale, job.file.size)}`]);
  if (isTerminal(job.status)) facts.push([messages.timeLine, timeLine(session, job)]);
  if (job.attempts > 1) facts.push(['', messages.attempts(job.attempts)]);
  facts.push([messages.jobLine, job.id], [messages.pageLine, pageOf(job)]);
  print(...formatTable(facts));
  if (job.rows.rejected > 0) await printRejected(session, client, job);
}

/** Address of the job's page, on the host by which the service is known to people. */
function pageOf(job: Pick<JobDto, 'id' | 'figura' | 'links'>): string {
  return new URL(`/cargas/${job.figura}/${job.id}`, job.links.self).href;
}

/** `1.000 rows read` and, below, what became of them: every line a summand, so that the sum can be checked by eye. */
function sumLines({ locale, messages }: Session, { rows, status }: JobDto): string[] {
  const { read, ...outcomes } = rows;
  // While a job runs the summands lag behind what was read; a sum that does not add up would only puzzle.
  if (!isTerminal(status)) return [`  ${formatNumber(locale, read)} ${messages.read(read)}`];
  const names = Object.keys(outcomes) as (keyof typeof outcomes)[];
  const happened = names.filter((name) => outcomes[name] > 0);
  const lines = happened.map((name, index) => [
    index === 0 ? '=' : '+',
    formatNumber(locale, outcomes[name]),
    messages.outcome(name, outcomes[name]),
  ]);
  return formatTable([['', formatNumber(locale, read), messages.read(read)], ...lines], [1]).map((line) => `  ${line}`);
}

function timeLine({ locale, messages }: Session, { timings }: JobDto): string {
  const names = Object.keys(messages.timingNames) as (keyof typeof messages.timingNames)[];
  const parts = names
    .filter((name) => timings[name] > 0)
    .map((name) => `${messages.timingNames[name]} ${formatDuration(locale, timings[name])}`);
  return messages.timings(formatDuration(locale, timings.totalMs), parts.join(', '));
}

async function printRejected(session: Session, client: ApiClient, job: JobDto): Promise<void> {
  const { locale, messages, print } = session;
  const page = await client.listRows(
    job.figura,
    job.id,
    { status: 'ER', limit: ROWS_SHOWN },
    { signal: session.interruption },
  );
  const number = (value: number) => formatNumber(locale, value);
  print('', messages.rejectedTitle(number(page.items.length), number(job.rows.rejected)));
  const lines = page.items.flatMap((row) => faultLines(session, row));
  for (const line of formatTable([messages.rejectedHead, ...lines], [0])) print(`  ${line}`);
  print('', messages.rejectedAll, `  ${client.errorsUrl(job.figura, job.id, 'csv')}`);
}

/** One line per fault; the row's number stands before the first only. */
function faultLines({ locale, messages }: Session, row: RowDto): string[][] {
  const faults = row.faults.length > 0 ? row.faults : [{ column: row.column, message: row.message, value: null }];
  return faults.map(({ column, message, value }, index) => {
    const raw = value ?? (column === null ? undefined : row.data[column]);
    const text =
      raw === undefined || raw === null ? messages.noValue : typeof raw === 'string' ? raw : JSON.stringify(raw);
    return [
      index === 0 ? formatNumber(locale, row.row) : '',
      column === null ? messages.wholeRow : printable(column, VALUE_LENGTH),
      column === null ? '' : printable(text, VALUE_LENGTH),
      printable(message),
    ];
  });
}
