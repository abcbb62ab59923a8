import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { FILE_FORMATS, type FileFormat } from '#lib/job/job-states.ts';
import { UsageFault } from './command-fault.ts';
import type { Messages } from './messages/message-types.ts';
import type { Arguments, OptionSpec } from './parse-arguments.ts';

/** Options that say how a file is written; push and convert take them. */
export const FILE_OPTIONS = {
  format: { type: 'string', values: FILE_FORMATS },
  delimiter: { type: 'string' },
  encoding: { type: 'string' },
  decimal: { type: 'string', values: ['.', ','] },
  'date-format': { type: 'string' },
  header: { type: 'string', values: ['yes', 'no'] },
} as const satisfies Record<string, OptionSpec>;

/** What those options were; left out what was not given. */
export interface FileOptions {
  format: FileFormat | undefined;
  csv: Partial<Pick<CsvOptions, 'delimiter' | 'encoding' | 'decimal' | 'dateFormat' | 'header'>>;
}

/** Reads the options. @throws UsageFault */
export function readFileOptions(args: Arguments, messages: Messages): FileOptions {
  const csv: FileOptions['csv'] = {};
  const delimiter = args.text('delimiter');
  if (delimiter !== undefined) {
    csv.delimiter = delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter;
    if (csv.delimiter.length !== 1) throw new UsageFault(messages.wrongDelimiter(delimiter));
  }
  const encoding = args.text('encoding');
  if (encoding !== undefined) {
    if (!isEncoding(encoding)) throw new UsageFault(messages.wrongEncoding(encoding));
    csv.encoding = encoding;
  }
  const decimal = args.text('decimal');
  if (decimal !== undefined) csv.decimal = decimal as '.' | ',';
  const dateFormat = args.text('date-format');
  if (dateFormat !== undefined) {
    const parts = dateFormat.toLowerCase().match(/dd|mm|yyyy/g) ?? [];
    if (parts.toSorted().join() !== 'dd,mm,yyyy') throw new UsageFault(messages.wrongDateFormat(dateFormat));
    csv.dateFormat = dateFormat;
  }
  const header = args.text('header');
  if (header !== undefined) csv.header = header === 'yes';
  return { format: args.text('format') as FileFormat | undefined, csv };
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
