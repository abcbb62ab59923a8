import type { EnqueueDto } from '#lib/api/schemas.ts';

/** An upload that was asked for and has no job yet: enough to go on with it after the page was reloaded. */
export interface InterruptedUpload {
  /** Also the name of the kept file, and of the lock of the tab that works on it. */
  id: string;
  figura: string;
  /** Of the file that was chosen, to know it again. */
  name: string;
  size: number;
  lastModified: number;
  format: 'csv' | 'json' | 'ndjson' | 'xlsx' | 'parquet' | 'avro';
  /** Whether what is sent lies in the origin's file system. */
  isKept: boolean;
  /** The service's id of the upload; null where no part of it is in the bucket. */
  uploadId: string | null;
  options: ImportOptionsDto;
  at: number;
}

/** What a job is asked for, beside its file. */
export type ImportOptionsDto = Pick<EnqueueDto, 'mode' | 'onError' | 'mapping' | 'dryRun'>;

/** Raised when uploads kept by older code can no longer be gone on with. */
const VERSION = 1;

interface Stored {
  version: number;
  uploads: InterruptedUpload[];
}

const PLACE = 'carga.uploads';

/** Nobody goes on with an import of last week; its file would take room for nothing. */
const MAX_AGE_MS = 7 * 86_400_000;

/** Those that this browser knows of, whatever tab they began in. */
export function listInterrupted(): InterruptedUpload[] {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? 'null') as Stored | null;
    return kept?.version === VERSION ? kept.uploads.filter(({ at }) => Date.now() - at < MAX_AGE_MS) : [];
  } catch {
    // No storage (private windows), or not what this version wrote: nothing can be gone on with.
    return [];
  }
}

/** Keeps an upload, or what is new about it. */
export function keepInterrupted(upload: InterruptedUpload): void {
  store([...listInterrupted().filter(({ id }) => id !== upload.id), upload]);
}

/** Forgets an upload. */
export function forgetInterrupted(id: string): void {
  store(listInterrupted().filter((other) => other.id !== id));
}

function store(uploads: InterruptedUpload[]): void {
  try {
    if (uploads.length === 0) localStorage.removeItem(PLACE);
    else localStorage.setItem(PLACE, JSON.stringify({ version: VERSION, uploads } satisfies Stored));
  } catch {
    // See above.
  }
}
