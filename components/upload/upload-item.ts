import type { CheckedFile } from './check-file.ts';
import type { CheckReport } from './check-rows.ts';
import type { ImportOptionsDto, InterruptedUpload } from './interrupted-uploads.ts';
import type { ColumnChoices } from './match-columns.ts';
import type { ChosenSample, checkRows, prepareFile } from './prepare-file.ts';
import type { Report } from './progress-report.ts';
import type { CheckRequest } from './read-file.worker.ts';
import type { Ahead, AheadListeners } from './send-ahead.ts';
import type { WrittenBytes } from './written-bytes.ts';

/** Where a file is, from being chosen to having a job. */
export type UploadStep =
  | 'checking'
  | 'refused'
  | 'reading'
  | 'ready'
  | 'waiting'
  | 'uploading'
  | 'paused'
  | 'enqueueing'
  | 'done'
  | 'failed'
  | 'cancelled';

/** One chosen file. */
export interface UploadItem {
  key: number;
  /** Names what is kept of it in the browser. */
  id: string;
  /** null for an upload of before the page was reloaded. */
  file: File | null;
  name: string;
  size: number;
  step: UploadStep;
  /** null until the file was looked at, and for a refused one. */
  checked: CheckedFile | null;
  /** What it holds, once its columns are known; null before, and for files that go as they are. */
  sample: ChosenSample | null;
  /** Rows in the file; null until all were read, and for files that go as they are. */
  rowCount: number | null;
  /** Bytes of what is sent; null until it was made. */
  sentBytes: number | null;
  /** What a look at every row found; null before, and while no figura is chosen. */
  report: CheckReport | null;
  /** Whether the rows are being looked at again. */
  isRechecking: boolean;
  /** The sheets of a spreadsheet; they stay while another one is read. */
  sheets: readonly string[];
  /** Which columns a person sends elsewhere than proposed. */
  choices: ColumnChoices;
  /** Whether a person said that the file need not bring every required column. */
  isPartialFine: boolean;
  progress: { doneBytes: number; totalBytes: number; bytesPerSecond: number | null } | null;
  /** Whether an upload waits for a line that was cut. */
  isOffline: boolean;
  /** Why it was refused or failed. */
  error: unknown;
  jobId: string | null;
  figura: string | null;
  /** What was asked for when it was sent. */
  options: ImportOptionsDto | null;
  /** Of the upload that has parts in the bucket. */
  uploadId: string | null;
  /** Bytes that were sent while it was read, before anybody asked for them. */
  aheadBytes: number;
  /** Address in the bucket of what is sent; null until it is there. */
  sentUrl: string | null;
  /** The job that rehearsed the import, and what it was asked for; null where there is none. */
  simulation: { jobId: string; options: ImportOptionsDto } | null;
}

/** A file that nothing is known of but what is given. */
export function newUploadItem(key: number, given: Partial<UploadItem> & Pick<UploadItem, 'name' | 'size'>): UploadItem {
  return {
    key,
    id: makeUploadId(),
    file: null,
    step: 'checking',
    checked: null,
    sample: null,
    rowCount: null,
    sentBytes: null,
    report: null,
    isRechecking: false,
    sheets: [],
    choices: {},
    isPartialFine: false,
    progress: null,
    isOffline: false,
    error: null,
    jobId: null,
    figura: null,
    options: null,
    uploadId: null,
    aheadBytes: 0,
    sentUrl: null,
    simulation: null,
    ...given,
  };
}

/** A name for what is kept of a file in the browser. */
export function makeUploadId(): string {
  // Not crypto.randomUUID: browsers have it only where the page came over TLS or from localhost.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether a file is on its way: leaving the page would interrupt it. */
export function isMoving(step: UploadStep): boolean {
  return step === 'waiting' || step === 'uploading' || step === 'enqueueing';
}

/** Uploads and enqueues what was prepared of a file; gives the id of its job. */
export type SendOne = (item: UploadItem, source: Blob, on: SendReport, signal: AbortSignal) => Promise<string>;
export interface SendReport {
  uploading: Report;
  begun: (uploadId: string | null) => void;
  /** It lies in the bucket whole. */
  sent: (url: string) => void;
  waitingForLine: (isOffline: boolean) => void;
  enqueueing: () => void;
}

/** What the queue needs of the page and the browser. */
export interface QueueParts {
  prepare: typeof prepareFile;
  checkRows: typeof checkRows;
  /** What the rows of a file are held against; null while no figura is chosen. */
  checkFor: (item: UploadItem) => CheckRequest | null;
  /** Says to other tabs that `id` is in use, until the function it gives is called. */
  hold: (id: string) => () => void;
  /** Keeps what is needed to go on after a reload. */
  keep: (upload: InterruptedUpload) => void;
  forget: (id: string) => void;
  /** Removes the kept file. */
  dropFile: (id: string) => void;
  /** Begins to send a file that is being read; null where nothing of it is sent before it is asked for. */
  sendAhead: (item: UploadItem, bytes: WrittenBytes, on: AheadListeners) => Ahead | null;
  /** Removes from the bucket what was sent. */
  abandon: (figura: string, uploadId: string) => void;
}
