export type FileFormat = 'parquet' | 'avro' | 'csv' | 'ndjson' | 'json';

/** What {@link detectFormat} says of a file it cannot take. */
export interface FormatRefusal {
  error: 'unknown_format' | 'format_contradiction' | 'empty_file';
  /** Neutral English. */
  detail: string;
}

/** First bytes of files that people take for data; Latin-1 text, `?` stands for any byte. */
const FOREIGN_FILES: readonly (readonly [magic: string, name: string])[] = [
  ['\x89PNG', 'PNG image'],
  ['\xff\xd8\xff', 'JPEG image'],
  ['GIF8', 'GIF image'],
  ['RIFF????WEBP', 'WebP image'],
  ['%PDF', 'PDF document'],
  ['\x1f\x8b', 'gzip archive'],
  ['BZh', 'bzip2 archive'],
  ['\xfd7zXZ', 'xz archive'],
  ['7z\xbc\xaf', '7-Zip archive'],
  ['\x28\xb5\x2f\xfd', 'Zstandard archive'],
  ['Rar!', 'RAR archive'],
  ['\xd0\xcf\x11\xe0', 'document of an old Microsoft Office (XLS, DOC)'],
  ['\x7fELF', 'program'],
  ['MZ', 'program'],
  ['SQLite format 3', 'SQLite database'],
  ['ORC', 'ORC file'],
  ['ARROW1', 'Arrow file'],
];

const FORMAT_OF_EXTENSION: ReadonlyMap<string, FileFormat> = new Map<string, FileFormat>([
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['avro', 'avro'],
  ['csv', 'csv'],
  ['tsv', 'csv'],
  ['txt', 'csv'],
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
]);

/**
 * Says what a file is by its first bytes, then by its name; `head` should hold 4 KiB or more, or the whole file. Text
 * that begins with `[` or `{` is JSON whatever its name, and NDJSON if the first line is a whole object and another
 * follows; other text is CSV.
 */
export function detectFormat(head: Uint8Array, fileName: string): { format: FileFormat } | FormatRefusal {
  const named = FORMAT_OF_EXTENSION.get(fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase());
  if (head.length === 0) return { error: 'empty_file', detail: 'The file is empty.' };
  // An encrypted one is refused by its reader, by name.
  if (beginsWith(head, 'PAR1') || (beginsWith(head, 'PARE') && hasControlBytes(head))) return agree('parquet', named);
  if (beginsWith(head, 'Obj\x01')) return agree('avro', named);
  const foreign = nameForeignFile(head);
  if (foreign !== null) return refuse(foreign, named);
  if (named === 'parquet' || named === 'avro') {
    return { error: 'format_contradiction', detail: `The file is named ${named}, but it does not begin as one.` };
  }
  const text = decodeHead(head);
  if (text === null) return refuse('binary file', named);
  const content = text.trimStart();
  if (content === '') return { error: 'empty_file', detail: 'The file holds only white space.' };
  if (content.startsWith('[') || content.startsWith('{')) return detectJson(content, named);
  if (named === 'json' || named === 'ndjson') {
    return {
      error: 'format_contradiction',
      detail: 'The file is named JSON, but begins neither with "[" nor with "{".',
    };
  }
  return { format: 'csv' };
}

function detectJson(content: string, named: FileFormat | undefined): { format: FileFormat } {
  // A CSV file may well begin with a bracket in its header; JSON named .csv does not occur.
  if (named === 'csv' && !/^[[{]\s*["{[\]}]/.test(content)) return { format: 'csv' };
  if (content.startsWith('[')) return { format: 'json' };
  const firstLine = content.split('\n', 1)[0] as string;
  const hasMore = content.slice(firstLine.length).trim() !== '';
  let isWholeObject = true;
  try {
    JSON.parse(firstLine);
  } catch {
    isWholeObject = false;
  }
  if (isWholeObject) return { format: hasMore || named === 'ndjson' ? 'ndjson' : 'json' };
  // The first line may be longer than the head: then only the name can tell.
  const isCut = !hasMore;
  return { format: isCut && named === 'ndjson' ? 'ndjson' : 'json' };
}

function agree(format: FileFormat, named: FileFormat | undefined): { format: FileFormat } | FormatRefusal {
  if (named === undefined || named === format) return { format };
  return { error: 'format_contradiction', detail: `The file is named ${named}, but its bytes are ${format}.` };
}

function refuse(content: string, named: FileFormat | undefined): FormatRefusal {
  if (named === undefined) return { error: 'unknown_format', detail: `The file is a ${content}.` };
  return { error: 'format_contradiction', detail: `The file is named ${named}, but it is a ${content}.` };
}

function beginsWith(head: Uint8Array, magic: string): boolean {
  if (head.length < magic.length) return false;
  for (let index = 0; index < magic.length; index++) {
    if (magic[index] !== '?' && head[index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}

function nameForeignFile(head: Uint8Array): string | null {
  if (beginsWith(head, 'PK\x03\x04') || beginsWith(head, 'PK\x05\x06')) {
    const names = new TextDecoder('windows-1252').decode(head.subarray(0, 4096));
    if (names.includes('xl/') || names.includes('[Content_Types].xml'))
      return 'spreadsheet or other Office file (XLSX)';
    return 'ZIP archive';
  }
  const found = FOREIGN_FILES.find(([magic]) => beginsWith(head, magic));
  // Letters alone may also begin a CSV header: these count only with a byte that text never has.
  if (found === undefined || (/^[\x20-\x7e]+$/.test(found[0]) && found[0].length < 5 && !hasControlBytes(head))) {
    return found?.[0] === '%PDF' ? found[1] : null;
  }
  return found[1];
}

function hasControlBytes(head: Uint8Array): boolean {
  return head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f);
}

/** The head as text, or null for bytes that no text holds; UTF-16 counts as text (CSV of spreadsheets). */
function decodeHead(head: Uint8Array): string | null {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(head, { stream: true });
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(head, { stream: true });
  if (hasControlBytes(head)) return null;
  return new TextDecoder('utf-8').decode(head, { stream: true });
}
