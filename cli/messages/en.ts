import type { FormatFault } from '#lib/formats/format-fault.ts';
import type { JobPhase, JobStatus } from '#lib/job/job-states.ts';
import type { RowOutcomes } from '#lib/job/row-outcomes.ts';

const phases: Record<JobPhase, string> = {
  reading: 'reading the file',
  staging: 'staging rows',
  validating: 'checking rows',
  merging: 'merging',
  done: 'done',
};
const statuses: Record<JobStatus, string> = {
  queued: 'queued',
  processing: 'processing',
  complete: 'complete',
  error: 'failed',
  cancelled: 'cancelled',
};

/** Counts come in already written; one is written the same in every language. */
const rowsOf = (count: string) => (count === '1' ? '1 row' : `${count} rows`);

/** English texts of the command. */
export const en = {
  // usage
  unknownCommand: (name: string, nearest: string | null) =>
    `There is no command “${name}”.${nearest ? ` Did you mean “${nearest}”?` : ''}`,
  unknownOption: (name: string, nearest: string | null) =>
    `There is no option ${name}.${nearest ? ` Did you mean ${nearest}?` : ''}`,
  optionTakesNoValue: (name: string) => `The option ${name} takes no value.`,
  optionNeedsValue: (name: string) => `The option ${name} needs a value; one that begins with “-” goes after “=”.`,
  optionValue: (name: string, value: string, values: string) => `The option ${name} takes ${values}, not “${value}”.`,
  optionTwice: (name: string) => `The option ${name} was given twice.`,
  missingArgument: (names: string) => `Missing: ${names}.`,
  extraArgument: (value: string) => `“${value}” is one argument too many. A name with blanks goes in quotes.`,
  wrongWord: (value: string, words: string) => `“${value}” is none of ${words}.`,
  wrongLanguage: (languages: string) => `The option --lang takes ${languages}.`,
  stdinTwice: 'Stdin (“-”) can be sent once only.',
  watchOrNot: '--watch and --no-wait contradict each other.',
  helpAt: (command: string) => `Help and examples: ${command}`,
  wrongUrl: (value: string) => `“${value}” is not an address such as http://localhost:3000 (--url or CARGA_URL).`,
  noKey:
    'There is no API key. Put one into CARGA_API_KEY, pass --key, or keep one with carga login. Administrators make keys on the page of API keys.',
  strangeKey: 'The API key holds blanks or characters that no key has. Check what --key or CARGA_API_KEY holds.',
  wrongFigura: (value: string) =>
    `“${value}” is no name of a figura: small letters, digits and “_”, beginning with a letter. See carga figuras.`,
  wrongNumber: (name: string, value: string) =>
    `The option ${name} takes a whole number from 0 on or “none”, not “${value}”.`,
  wrongMap: (value: string) => `“${value}” is no mapping: --map takes “column of the file=column of the figura”.`,
  wrongDelimiter: (value: string) => `“${value}” is no delimiter: one character, or “tab”.`,
  wrongEncoding: (value: string) =>
    `“${value}” is no encoding that is known here; utf-8 and windows-1252 are the usual ones.`,
  wrongDateFormat: (value: string) => `“${value}” is no date format: dd, mm and yyyy in any order, such as dd/mm/yyyy.`,
  wrongId: (value: string) => `“${value}” is no id of a job, such as 0193a1b2-….`,
  jobNotFound: (id: string) => `There is no job ${id}, or the key may not see it.`,
  // faults
  interrupted: 'Interrupted.',
  noConnection: (origin: string, reason: string) =>
    `${origin} does not answer (${reason}). Is the service running? Another address goes into --url or CARGA_URL.`,
  notCarga: (status: number) => `What answers there is not Carga (HTTP ${status}). Check --url or CARGA_URL.`,
  keyHint: 'The key comes from --key or CARGA_API_KEY: it may be mistyped, expired or revoked.',
  requestId: (code: string, id: string) => `(code ${code}, request ${id})`,
  uploadRefused: (message: string, code: string) => `The bucket did not take the file: ${message} (${code})`,
  systemFault: (code: string, path: string) => {
    const reason: Record<string, string> = {
      ENOENT: 'does not exist',
      EACCES: 'may not be read or written',
      EPERM: 'may not be read or written',
      EISDIR: 'is a folder',
      ENOSPC: 'does not fit: the disk is full',
    };
    return `${path || 'A file'} ${reason[code] ?? `cannot be used (${code})`}.`;
  },
  formatFault: (fault: FormatFault) => `The file cannot be read${placeOf(fault)}: ${fault.detail} (${fault.code})`,
  unknownFormat: (name: string, detail: string) =>
    `${name}: ${detail} Carga takes Parquet, Avro, CSV, JSON and NDJSON; --format names one of them.`,
  // preparing and sending
  readingStdin: 'Reading',
  converting: 'Converting',
  uploading: 'Uploading',
  ofTotal: (part: string, total: string) => `${part} of ${total}`,
  perSecond: (amount: string) => `${amount}/s`,
  timeLeft: (duration: string) => `${duration} left`,
  rows: rowsOf,
  converted: (name: string, rows: string, before: string, after: string) =>
    `${name}: ${rowsOf(rows)}, ${before} → Parquet of ${after}`,
  rowFaultsSeen: (count: string) =>
    count === '1'
      ? '1 row does not fit the table of the file; the load will tell which.'
      : `${count} rows do not fit the table of the file; the load will tell them one by one.`,
  uploadGivenUp: 'Interrupted: the upload was given up, nothing was loaded.',
  uploadKept: 'The upload was cut. What has arrived is kept for an hour: the same command goes on from there.',
  uploadResumed: 'Going on with an upload of this file that was cut.',
  uploadTriedAgain: 'The upload was cut: trying again.',
  fileOf: (number: number, count: number, name: string) => `[${number}/${count}] ${name}`,
  filesDone: (good: number, count: number) => `${good} of ${count} files ${good === 1 ? 'was' : 'were'} loaded.`,
  // the job
  enqueued: (id: string) => `Job ${id} is queued.`,
  loading: 'Loading',
  phase: (status: JobStatus, phase: JobPhase | null) =>
    status === 'processing' && phase !== null ? phases[phase] : statuses[status],
  reconnecting: 'connection lost, trying again',
  goesOn: (command: string) => `The job goes on without this command. To watch it again: ${command}`,
  // the report
  status: (status: JobStatus) => statuses[status],
  headline: (figura: string, status: string, isDryRun: boolean) =>
    `${figura}: ${status}${isDryRun ? ' (dry run: nothing was written)' : ''}`,
  outcome: (outcome: Exclude<keyof RowOutcomes, 'read'>, _count: number): string => outcome,
  read: (count: number): string => (count === 1 ? 'row read' : 'rows read'),
  attempts: (count: number) => `${count} attempts (resumed after a failure)`,
  fileLine: 'File',
  jobLine: 'Job',
  timeLine: 'Time',
  pageLine: 'Page',
  errorLine: 'Reason',
  timings: (total: string, parts: string) => `${total} (${parts})`,
  timingNames: { queuedMs: 'queue', readMs: 'read', stageMs: 'stage', validateMs: 'check', mergeMs: 'merge' },
  rejectedTitle: (shown: string, all: string) =>
    shown === all ? 'Rejected rows:' : `Rejected rows (the first ${shown} of ${all}):`,
  rejectedHead: ['row', 'column', 'value', 'reason'],
  noValue: '(none)',
  wholeRow: '(whole row)',
  rejectedAll: 'All of them as a file to fix and send again:',
  // figuras
  figurasHead: ['figura', 'title', 'table', 'key', 'last job'],
  columnsHead: ['column', 'type', 'required', 'key', 'default'],
  noFiguras:
    'There is no figura yet, or the key was given none. Administrators register tables with POST /api/figuras.',
  noJob: 'none yet',
  yes: 'yes',
  // keys and login
  keysHead: ['id', 'name', 'key', 'role', 'figuras', 'made by', 'last use', 'end'],
  never: 'never',
  revoked: 'revoked',
  expires: (moment: string) => `expires ${moment}`,
  wrongMoment: (value: string) => `“${value}” is no date, such as 2027-01-31.`,
  secretOnce: (id: string) => `Key ${id}. Its secret is shown this once.`,
  enterKey: 'API key (what is typed is not shown):',
  noKeyGiven: 'No API key came from stdin, and --key gave none.',
  loggedIn: (url: string, file: string) => `${url} answers. Address and key are kept in ${file}.`,
  // convert
  convertedTo: (name: string, rows: string | null, bytes: string) =>
    rows === null ? `${name}: ${bytes}` : `${name}: ${rowsOf(rows)}, ${bytes}`,
  unknownExtension: (name: string) =>
    `${name}: the extension says what to write; .parquet, .json, .ndjson, .csv and .avro are known.`,
  sameFile: 'IN and OUT are the same file.',
};

function placeOf({ line, column, row, byteOffset }: FormatFault): string {
  if (line !== null) return ` from line ${line}${column === null ? '' : `, column ${column}`} on`;
  if (row !== null) return ` from row ${row} on`;
  return byteOffset === null ? '' : ` from byte ${byteOffset} on`;
}
