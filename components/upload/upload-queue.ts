import type { CheckedFile } from './check-file.ts';
import type { FileToSend, ImportChoices, SendReport } from './send-file.ts';

/** Where a file is, from being chosen to having a job. */
export type UploadStep =
  | 'checking'
  | 'refused'
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

export type SendOne = (
  item: FileToSend,
  choices: ImportChoices,
  report: SendReport,
  signal: AbortSignal,
) => Promise<string>;

/** Fast enough for a bar that moves, slow enough that drawing costs nothing beside the conversion. */
const REPORT_EVERY_MS = 120;

/**
 * The files of the upload page, sent one after another: a second one at the same time would only halve the first's
 * speed. A failure stops nobody else. Made for `useSyncExternalStore`: `items` is a new array at each change.
 */
export class UploadQueue {
  items: readonly UploadItem[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #aborts = new Map<number, AbortController>();
  #nextKey = 1;
  #isRunning = false;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files in; each shows at once and is looked at by `check`, which throws for one that cannot be sent. */
  async add(files: readonly File[], check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const added = files.map((file): UploadItem => {
      const key = this.#nextKey++;
      return { key, file, step: 'checking', checked: null, progress: null, error: null, jobId: null, figura: null };
    });
    this.#set([...this.items, ...added]);
    await Promise.all(added.map((item) => this.#check(item, check)));
  }

  /** Looks again at what was not sent yet: another figura may have another limit. */
  async recheck(check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const open = this.items.filter((item) => item.step === 'ready' || item.step === 'refused');
    await Promise.all(open.map((item) => this.#check(item, check)));
  }

  /** Changes how a CSV file is read. */
  changeCsv(key: number, change: Partial<NonNullable<CheckedFile['csv']>>): void {
    const checked = this.items.find((item) => item.key === key)?.checked;
    if (checked?.csv) this.#patch(key, { checked: { ...checked, csv: { ...checked.csv, ...change } } });
  }

  /** Sends every file that is ready; resolves once all are through, with the jobs that were made. */
  async start(choices: ImportChoices, send: SendOne): Promise<{ jobIds: string[]; isAllDone: boolean }> {
    for (const item of this.items) {
      if (item.step === 'ready') this.#patch(item.key, { step: 'waiting', figura: choices.figura });
    }
    if (this.#isRunning) return { jobIds: [], isAllDone: false };
    this.#isRunning = true;
    const jobIds: string[] = [];
    try {
      for (;;) {
        const next = this.items.find((item) => item.step === 'waiting');
        if (!next) break;
        const jobId = await this.#send(next, choices, send);
        if (jobId !== null) jobIds.push(jobId);
      }
    } finally {
      this.#isRunning = false;
    }
    return { jobIds, isAllDone: this.items.every((item) => item.step === 'done') };
  }

  /** Stops a file on its way; what was sent of it is removed. */
  cancel(key: number): void {
    const abort = this.#aborts.get(key);
    if (abort) abort.abort(new DOMException('cancelled', 'AbortError'));
    else this.#patch(key, { step: 'cancelled' });
  }

  /** Makes a failed or cancelled file ready again. */
  again(key: number): void {
    this.#patch(key, { step: 'ready', error: null, progress: null });
  }

  /** Takes a file off the list. */
  remove(key: number): void {
    this.#set(this.items.filter((item) => item.key !== key));
  }

  async #check(item: UploadItem, check: (file: File) => Promise<CheckedFile>): Promise<void> {
    try {
      const checked = await check(item.file);
      // What a person changed about a CSV outlives a second look.
      const known = this.items.find((other) => other.key === item.key)?.checked;
      this.#patch(item.key, { step: 'ready', checked: known ?? checked, error: null });
    } catch (error) {
      this.#patch(item.key, { step: 'refused', error });
    }
  }

  async #send(item: UploadItem, choices: ImportChoices, send: SendOne): Promise<string | null> {
    const { key, file, checked } = item;
    if (!checked) return null;
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    try {
      const jobId = await send({ file, ...checked }, choices, this.#reporter(key), abort.signal);
      this.#patch(key, { step: 'done', jobId, progress: null });
      return jobId;
    } catch (error) {
      const isCancelled = abort.signal.aborted;
      this.#patch(key, { step: isCancelled ? 'cancelled' : 'failed', error: isCancelled ? null : error });
      return null;
    } finally {
      this.#aborts.delete(key);
    }
  }

  #reporter(key: number): SendReport {
    let step: UploadStep = 'waiting';
    let startedAt = 0;
    let toldAt = 0;
    return (nextStep, doneBytes, totalBytes) => {
      const now = performance.now();
      if (nextStep !== step) {
        startedAt = now;
        step = nextStep;
      } else if (now - toldAt < REPORT_EVERY_MS && doneBytes < totalBytes) return;
      toldAt = now;
      const seconds = (now - startedAt) / 1000;
      // The mean since the step began: it wavers less than any window, and a first half second says nothing.
      const bytesPerSecond = seconds > 0.5 ? doneBytes / seconds : null;
      this.#patch(key, { step, progress: { doneBytes, totalBytes, bytesPerSecond } });
    };
  }

  #patch(key: number, change: Partial<UploadItem>): void {
    this.#set(this.items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly UploadItem[]): void {
    this.items = items;
    for (const listener of this.#listeners) listener();
  }
}
