import type { CheckedFile } from './check-file.ts';
import type { ColumnChoices } from './match-columns.ts';
import type { ChosenSample } from './prepare-file.ts';

/** Where a file is, from being chosen to having a job. */
export type UploadStep =
  | 'checking'
  | 'refused'
  | 'reading'
  | 'ready'
  | 'waiting'
  | 'converting'
  | 'uploading'
  | 'enqueueing'
  | 'done'
  | 'failed'
  | 'cancelled';

/** One chosen file. */
export interface UploadItem {
  key: number;
  file: File;
  step: UploadStep;
  /** null until the file was looked at, and for a refused one. */
  checked: CheckedFile | null;
  /** What it holds, once it was read through; null before, and for files that go as they are. */
  sample: ChosenSample | null;
  /** The sheets of a spreadsheet; they stay while another one is read. */
  sheets: readonly string[];
  /** Which columns a person sends elsewhere than proposed. */
  choices: ColumnChoices;
  /** Whether a person said that the file need not bring every required column. */
  isPartialFine: boolean;
  progress: { doneBytes: number; totalBytes: number; bytesPerSecond: number | null } | null;
  /** Why it was refused or failed. */
  error: unknown;
  jobId: string | null;
  figura: string | null;
}

/** Whether a file is on its way: leaving the page would lose work. */
export function isMoving(step: UploadStep): boolean {
  return step === 'waiting' || step === 'converting' || step === 'uploading' || step === 'enqueueing';
}

/** How many bytes are done. */
export type Report = (doneBytes: number, totalBytes: number) => void;

/** Makes what is sent of a chosen file; tells its sample as soon as that is known. */
export type PrepareFile = (
  file: File,
  checked: CheckedFile,
  on: { progress: Report; sample: (sample: ChosenSample) => void },
  signal: AbortSignal,
) => Promise<Blob>;

/** Uploads and enqueues what was prepared of a file; gives the id of its job. */
export type SendOne = (item: UploadItem, source: Blob, on: SendReport, signal: AbortSignal) => Promise<string>;
export interface SendReport {
  uploading: Report;
  enqueueing: () => void;
}

interface Preparation {
  source: Promise<Blob>;
  abort: AbortController;
}

/** Fast enough for a bar that moves, slow enough that drawing costs nothing beside the conversion. */
const REPORT_EVERY_MS = 120;

/**
 * The files of the upload page. Each is read and converted in the background as soon as it is chosen, and sent once
 * that is asked for; one after another: a second one at the same time would only halve the first's speed. A failure
 * stops nobody else. Made for `useSyncExternalStore`: `items` is a new array at each change.
 */
export class UploadQueue {
  items: readonly UploadItem[] = [];
  readonly #prepareFile: PrepareFile;
  readonly #listeners = new Set<() => void>();
  readonly #preparations = new Map<number, Preparation>();
  readonly #sends = new Map<number, AbortController>();
  #nextKey = 1;
  #isRunning = false;
  /** Settles when the last file that is being prepared is through. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(prepareFile: PrepareFile) {
    this.#prepareFile = prepareFile;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files in; each shows at once and is looked at by `check`, which throws for one that cannot be sent. */
  async add(files: readonly File[], check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const added = files.map(
      (file): UploadItem => ({
        key: this.#nextKey++,
        file,
        step: 'checking',
        checked: null,
        sample: null,
        sheets: [],
        choices: {},
        isPartialFine: false,
        progress: null,
        error: null,
        jobId: null,
        figura: null,
      }),
    );
    this.#set([...this.items, ...added]);
    await Promise.all(added.map(({ key, file }) => this.#check(key, file, check)));
  }

  /** Looks again at what was not sent yet: another figura has other columns, and may have another limit. */
  async recheck(check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const open = this.items.filter(({ step }) => step === 'ready' || step === 'refused' || step === 'reading');
    for (const { key } of open) this.#patch(key, { choices: {}, isPartialFine: false });
    await Promise.all(open.map(({ key, file }) => this.#check(key, file, check)));
  }

  /** Changes how the file is read; it is read again. */
  changeReading(key: number, change: { csv?: Partial<NonNullable<CheckedFile['csv']>>; sheet?: number }): void {
    const checked = this.#find(key)?.checked;
    if (!checked) return;
    const csv = checked.csv && { ...checked.csv, ...change.csv };
    this.#patch(key, { checked: { ...checked, csv, sheet: change.sheet ?? checked.sheet }, choices: {} });
    this.#prepare(key);
  }

  /** Sends columns of a file to other columns of the figura. */
  choose(key: number, choices: ColumnChoices): void {
    const item = this.#find(key);
    if (item) this.#patch(key, { choices: { ...item.choices, ...choices } });
  }

  /** Takes a file without every required column, or not. */
  allowPartial(key: number, isPartialFine: boolean): void {
    this.#patch(key, { isPartialFine });
  }

  /** Sends every file that is ready; resolves once all are through, with the jobs that were made. */
  async start(figura: string, send: SendOne): Promise<{ jobIds: string[]; isAllDone: boolean }> {
    for (const { key, step } of this.items) {
      if (step === 'ready') this.#patch(key, { step: 'waiting', figura, progress: null });
    }
    if (this.#isRunning) return { jobIds: [], isAllDone: false };
    this.#isRunning = true;
    const jobIds: string[] = [];
    try {
      for (;;) {
        const next = this.items.find((item) => item.step === 'waiting');
        if (!next) break;
        const jobId = await this.#send(next.key, send);
        if (jobId !== null) jobIds.push(jobId);
      }
    } finally {
      this.#isRunning = false;
    }
    return { jobIds, isAllDone: this.items.every((item) => item.step === 'done') };
  }

  /** Stops a file on its way; what was sent of it is removed. */
  cancel(key: number): void {
    this.#sends.get(key)?.abort(new DOMException('cancelled', 'AbortError'));
    if (this.#find(key)?.step !== 'uploading') this.#dropPreparation(key);
    this.#patch(key, { step: 'cancelled', progress: null });
  }

  /** Makes a failed or cancelled file ready again; one that was not read to its end is read anew. */
  again(key: number): void {
    if (this.#preparations.has(key)) this.#patch(key, { step: 'ready', error: null, progress: null });
    else this.#prepare(key);
  }

  /** Takes a file off the list. */
  remove(key: number): void {
    this.#dropPreparation(key);
    this.#set(this.items.filter((item) => item.key !== key));
  }

  /** Stops everything, as the page is left. */
  close(): void {
    for (const abort of this.#sends.values()) abort.abort(new DOMException('closed', 'AbortError'));
    for (const key of this.#preparations.keys()) this.#dropPreparation(key);
  }

  async #check(key: number, file: File, check: (file: File) => Promise<CheckedFile>): Promise<void> {
    try {
      const checked = await check(file);
      // Whoever is being read already stays as it is, with what a person changed about it.
      if (this.#preparations.has(key)) return;
      this.#patch(key, { checked, error: null });
      this.#prepare(key);
    } catch (error) {
      this.#dropPreparation(key);
      this.#patch(key, { step: 'refused', error, progress: null });
    }
  }

  #prepare(key: number): void {
    this.#dropPreparation(key);
    const abort = new AbortController();
    const { signal } = abort;
    this.#patch(key, { step: 'reading', sample: null, error: null, progress: null });
    const source = this.#turn.then(() => {
      signal.throwIfAborted();
      return this.#prepareNow(key, signal);
    });
    this.#turn = source.catch(() => {});
    this.#preparations.set(key, { source, abort });
    source.then(
      () => {
        if (!signal.aborted && this.#find(key)?.step === 'reading') this.#patch(key, { step: 'ready', progress: null });
      },
      (error) => {
        if (signal.aborted) return;
        this.#preparations.delete(key);
        this.#patch(key, { step: 'failed', error, progress: null });
      },
    );
  }

  async #prepareNow(key: number, signal: AbortSignal): Promise<Blob> {
    const item = this.#find(key);
    if (!item?.checked) throw new DOMException('removed', 'AbortError');
    const report = this.#reporter(key, ['reading', 'converting']);
    const sample = (sample: ChosenSample) => {
      if (signal.aborted) return;
      const { sheets } = sample;
      const isReading = this.#find(key)?.step === 'reading';
      this.#patch(key, isReading ? { sample, sheets, step: 'ready' } : { sample, sheets });
    };
    return this.#prepareFile(item.file, item.checked, { progress: report, sample }, signal);
  }

  #dropPreparation(key: number): void {
    this.#preparations.get(key)?.abort.abort(new DOMException('dropped', 'AbortError'));
    this.#preparations.delete(key);
  }

  async #send(key: number, send: SendOne): Promise<string | null> {
    const preparation = this.#preparations.get(key);
    if (!preparation) return null;
    const abort = new AbortController();
    const { signal } = abort;
    this.#sends.set(key, abort);
    try {
      this.#patch(key, { step: 'converting' });
      const source = await preparation.source;
      signal.throwIfAborted();
      const item = this.#find(key);
      if (!item) return null;
      this.#patch(key, { step: 'uploading', progress: null });
      const on = {
        uploading: this.#reporter(key, ['uploading']),
        enqueueing: () => this.#patch(key, { step: 'enqueueing', progress: null }),
      };
      const jobId = await send(item, source, on, signal);
      this.#patch(key, { step: 'done', jobId, progress: null });
      // What was converted may be gigabytes.
      this.#preparations.delete(key);
      return jobId;
    } catch (error) {
      if (!signal.aborted) this.#patch(key, { step: 'failed', error, progress: null });
      return null;
    } finally {
      this.#sends.delete(key);
    }
  }

  #reporter(key: number, steps: readonly UploadStep[]): Report {
    const startedAt = performance.now();
    let toldAt = Number.NEGATIVE_INFINITY;
    return (doneBytes, totalBytes) => {
      const now = performance.now();
      if (now - toldAt < REPORT_EVERY_MS && doneBytes < totalBytes) return;
      const item = this.#find(key);
      if (!item || !steps.includes(item.step)) return;
      toldAt = now;
      const seconds = (now - startedAt) / 1000;
      // The mean since the step began: it wavers less than any window, and a first half second says nothing.
      const bytesPerSecond = seconds > 0.5 ? doneBytes / seconds : null;
      this.#patch(key, { progress: { doneBytes, totalBytes, bytesPerSecond } });
    };
  }

  #find(key: number): UploadItem | undefined {
    return this.items.find((item) => item.key === key);
  }

  #patch(key: number, change: Partial<UploadItem>): void {
    this.#set(this.items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly UploadItem[]): void {
    this.items = items;
    for (const listener of this.#listeners) listener();
  }
}
