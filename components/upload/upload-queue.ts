import type { CheckedFile } from './check-file.ts';
import { createReport } from './create-report.ts';
import type { ImportOptionsDto, InterruptedUpload } from './interrupted-uploads.ts';
import { CANCELLED, PAUSED } from './interruptions.ts';
import type { ColumnChoices } from './match-columns.ts';
import type { ChosenSample, PreparedFile } from './prepare-file.ts';
import type { Report } from './progress-report.ts';
import { RowRechecks } from './row-rechecks.ts';
import type { Ahead } from './send-ahead.ts';
import {
  isMoving,
  makeUploadId,
  newUploadItem,
  type QueueParts,
  type SendOne,
  type SendReport,
  type UploadItem,
  type UploadStep,
} from './upload-item.ts';
import { WrittenBytes } from './written-bytes.ts';

interface Preparation {
  prepared: Promise<PreparedFile>;
  abort: AbortController;
  release: () => void;
  bytes: WrittenBytes;
  ahead: Ahead | null;
}

/**
 * The files of the upload page. Each is read and converted in the background as soon as it is chosen, its full parts
 * are sent meanwhile, and the rest once that is asked for; one after another: a second one at the same time would only halve the first's speed. A failure
 * stops nobody else. Made for `useSyncExternalStore`: `items` is a new array at each change.
 */
export class UploadQueue {
  items: readonly UploadItem[] = [];
  readonly #parts: QueueParts;
  readonly #listeners = new Set<() => void>();
  readonly #preparations = new Map<number, Preparation>();
  readonly #rechecks: RowRechecks;
  readonly #sends = new Map<number, AbortController>();
  #nextKey = 1;
  #isRunning = false;
  /** Settles when the last file that is being prepared is through. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#rechecks = new RowRechecks({
      parts,
      find: (key) => this.#find(key),
      patch: (key, change) => this.#patch(key, change),
      reporter: (key) => this.#reporter(key, 'ready'),
    });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files in; each shows at once and is looked at by `check`, which throws for one that cannot be sent. */
  async add(files: readonly File[], check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const added = files.map((file) => newUploadItem(this.#nextKey++, { file, name: file.name, size: file.size }));
    this.#set([...this.items, ...added]);
    await Promise.all(added.map(({ key }) => this.#check(key, check)));
  }

  /** Takes an upload of before a reload in, to be sent as it was asked for. */
  addInterrupted(upload: InterruptedUpload, source: Blob): void {
    const { id, name, size, figura, options, uploadId, format, isKept } = upload;
    const checked: CheckedFile = { format, csv: null, isEncodingGuess: false, sheet: 0 };
    const item = newUploadItem(this.#nextKey++, {
      id,
      name,
      size,
      figura,
      options,
      uploadId,
      checked,
      step: 'waiting',
    });
    const prepared = Promise.resolve({ source, isKept, rowCount: null, report: null });
    const parts = { bytes: new WrittenBytes(), ahead: null };
    const abort = new AbortController();
    this.#preparations.set(item.key, { prepared, abort, release: this.#parts.hold(id), ...parts });
    this.#set([...this.items, item]);
  }

  /** Looks again at what was not sent yet: another figura has other columns, and may have another limit. */
  async recheck(check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const open = this.items.filter(({ step }) => step === 'ready' || step === 'refused' || step === 'reading');
    for (const { key } of open) this.#patch(key, { choices: {}, isPartialFine: false });
    await Promise.all(open.map(({ key }) => this.#check(key, check)));
  }

  /** Looks at the rows again of every file whose columns go elsewhere than when they were looked at. */
  refreshReports(): void {
    for (const item of this.items) if (item.step === 'ready') this.#rechecks.refresh(item);
  }

  /** Changes how the file is read; it is read again. */
  changeReading(key: number, change: { csv?: Partial<NonNullable<CheckedFile['csv']>>; sheet?: number }): void {
    const checked = this.#find(key)?.checked;
    if (!checked) return;
    const csv = checked.csv && { ...checked.csv, ...change.csv };
    const isEncodingGuess = checked.isEncodingGuess && change.csv?.encoding === undefined;
    const sheet = change.sheet ?? checked.sheet;
    this.#patch(key, { checked: { ...checked, csv, isEncodingGuess, sheet }, choices: {} });
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

  /** Has every file that is ready sent to a figura, as `optionsOf` says. */
  ask(figura: string, optionsOf: (item: UploadItem) => ImportOptionsDto): void {
    for (const item of this.items) {
      if (item.step !== 'ready') continue;
      const options = optionsOf(item);
      if (item.figura !== figura) {
        this.#forget(item.key);
        this.#patch(item.key, { sentUrl: null });
      }
      this.#patch(item.key, { step: 'waiting', figura, options, progress: null, error: null });
    }
  }

  /** Sends every file that waits; resolves once all are through, with the jobs that were made: simulations do not count. */
  async run(send: SendOne): Promise<{ jobIds: string[]; isAllDone: boolean }> {
    const jobIds: string[] = [];
    if (this.#isRunning) return { jobIds, isAllDone: false };
    this.#isRunning = true;
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

  /** Stops a file on its way for a while; what was sent of it stays. */
  pause(key: number): void {
    if (!isMoving(this.#find(key)?.step ?? 'done')) return;
    this.#patch(key, { step: 'paused', isOffline: false });
    this.#sends.get(key)?.abort(PAUSED);
    this.#preparations.get(key)?.ahead?.stop();
  }

  /** Has a paused file go on; it is sent at the next `run`. */
  resume(key: number): void {
    if (this.#find(key)?.step === 'paused') this.#patch(key, { step: 'waiting' });
  }

  /** Stops a file on its way; what was sent of it is removed. */
  cancel(key: number): void {
    this.#sends.get(key)?.abort(CANCELLED);
    this.#forget(key);
    this.#patch(key, { step: 'cancelled', progress: null, isOffline: false });
  }

  /** Makes a failed or cancelled file ready again; one that was not read to its end is read anew. */
  again(key: number): void {
    const item = this.#find(key);
    if (!item) return;
    if (item.file === null) this.#patch(key, { step: 'waiting', error: null, progress: null });
    else if (this.#preparations.has(key)) this.#patch(key, { step: 'ready', error: null, progress: null });
    else this.#prepare(key);
  }

  /** Takes a file off the list. */
  remove(key: number): void {
    this.#forget(key);
    this.#dropPreparation(key);
    this.#set(this.items.filter((item) => item.key !== key));
  }

  /** Stops everything, as the page is left; what was being sent can be gone on with. */
  close(): void {
    for (const abort of this.#sends.values()) abort.abort(PAUSED);
    this.#rechecks.close();
    for (const { key, step } of this.items) {
      const preparation = this.#preparations.get(key);
      if (isMoving(step) || step === 'paused') {
        preparation?.ahead?.stop();
        preparation?.release();
      } else this.#dropPreparation(key);
    }
  }

  async #check(key: number, check: (file: File) => Promise<CheckedFile>): Promise<void> {
    const file = this.#find(key)?.file;
    if (!file) return;
    try {
      const checked = await check(file);
      // Whoever is being read already stays as it is, with what a person changed about it.
      if (this.#preparations.has(key)) return this.#beginAhead(key);
      this.#patch(key, { checked, error: null });
      this.#prepare(key);
    } catch (error) {
      this.#dropPreparation(key);
      this.#patch(key, { step: 'refused', error, progress: null });
    }
  }

  #prepare(key: number): void {
    this.#dropPreparation(key);
    const id = makeUploadId();
    const abort = new AbortController();
    const { signal } = abort;
    const none = {
      sample: null,
      rowCount: null,
      sentBytes: null,
      report: null,
      isRechecking: false,
      error: null,
      progress: null,
      sentUrl: null,
      simulation: null,
    };
    this.#patch(key, { id, step: 'reading', ...none });
    const prepared = this.#turn.then(() => {
      signal.throwIfAborted();
      this.#beginAhead(key);
      return this.#prepareNow(key, bytes.port, signal);
    });
    this.#turn = prepared.catch(() => {});
    const bytes = new WrittenBytes();
    this.#preparations.set(key, { prepared, abort, release: this.#parts.hold(id), bytes, ahead: null });
    prepared.then(
      ({ source, isKept, rowCount, report }) => {
        if (signal.aborted) return;
        bytes.end(isKept ? source : null);
        // The disk took no more: what is sent was written anew, and its bytes may be others.
        if (!isKept) this.#forget(key);
        this.#patch(key, { step: 'ready', progress: null, rowCount, sentBytes: source.size, report });
      },
      (error) => {
        if (signal.aborted) return;
        this.#dropPreparation(key);
        this.#patch(key, { step: 'failed', error, progress: null });
      },
    );
  }

  async #prepareNow(key: number, bytesPort: MessagePort, signal: AbortSignal): Promise<PreparedFile> {
    const item = this.#find(key);
    if (!item?.checked || !item.file) throw CANCELLED;
    const { checked } = item;
    const sample = (found: ChosenSample) => {
      if (signal.aborted) return;
      this.#patch(key, {
        sample: found,
        sheets: found.sheets,
        checked: { ...checked, csv: checked.csv && (found.csv ?? checked.csv) },
      });
    };
    const on = { progress: this.#reporter(key, 'reading'), sample };
    const options = { keepAs: item.id, check: this.#parts.checkFor(item), bytesPort };
    return this.#parts.prepare(item.file, checked, options, on, signal);
  }

  /** Has what is written of a file sent to the figura that is chosen now; what was sent to another one is removed. */
  #beginAhead(key: number): void {
    const preparation = this.#preparations.get(key);
    const item = this.#find(key);
    if (!preparation || !item) return;
    this.#forget(key);
    preparation.ahead = this.#parts.sendAhead(item, preparation.bytes, {
      begun: (figura, uploadId) => {
        this.#patch(key, { figura, uploadId });
        // Not as something to go on with: nobody asked for it yet, and whoever opens the page next removes it.
        this.#keep(key, false);
      },
      sent: (aheadBytes) => this.#patch(key, { aheadBytes }),
    });
  }

  #dropPreparation(key: number): void {
    const preparation = this.#preparations.get(key);
    if (!preparation) return;
    preparation.abort.abort(CANCELLED);
    preparation.bytes.end(null);
    this.#forget(key);
    preparation.release();
    this.#preparations.delete(key);
    this.#rechecks.stop(key);
    this.#parts.dropFile(this.#find(key)?.id ?? '');
  }

  async #send(key: number, send: SendOne): Promise<string | null> {
    const preparation = this.#preparations.get(key);
    if (!preparation) return null;
    const abort = new AbortController();
    const { signal } = abort;
    this.#sends.set(key, abort);
    try {
      const { source, isKept } = await preparation.prepared;
      signal.throwIfAborted();
      this.#rechecks.stop(key);
      this.#patch(key, { step: 'uploading', isRechecking: false, error: null });
      this.#keep(key, isKept);
      const uploading = this.#reporter(key, 'uploading');
      await preparation.ahead?.finish((sentBytes) => uploading(sentBytes, source.size), signal);
      signal.throwIfAborted();
      const on: SendReport = {
        uploading,
        begun: (uploadId) => {
          this.#patch(key, { uploadId });
          this.#keep(key, isKept);
        },
        sent: (sentUrl) => this.#patch(key, { sentUrl }),
        waitingForLine: (isOffline) => this.#patch(key, { isOffline }),
        enqueueing: () => this.#patch(key, { step: 'enqueueing', progress: null }),
      };
      const jobId = await send(this.#find(key) as UploadItem, source, on, signal);
      const { id, file, options } = this.#find(key) as UploadItem;
      this.#parts.forget(id);
      // From here on the upload belongs to the job: whoever takes the file off the list leaves it alone.
      if (file !== null && options?.dryRun) {
        // The file stays as it is, to be imported for real.
        this.#patch(key, {
          step: 'ready',
          simulation: { jobId, options },
          uploadId: null,
          aheadBytes: 0,
          progress: null,
        });
        return null;
      }
      this.#patch(key, { step: 'done', jobId, uploadId: null, progress: null });
      // What was converted may be gigabytes.
      this.#dropPreparation(key);
      return jobId;
    } catch (error) {
      if (!signal.aborted) this.#patch(key, { step: 'failed', error, progress: null, isOffline: false, sentUrl: null });
      return null;
    } finally {
      this.#sends.delete(key);
    }
  }

  #keep(key: number, isKept: boolean): void {
    const item = this.#find(key);
    if (!item?.checked || item.figura === null) return;
    const { id, name, size, figura, uploadId, checked } = item;
    const options = item.options ?? {};
    const lastModified = item.file?.lastModified ?? 0;
    this.#parts.keep({
      ...{ id, name, size, lastModified, figura, options, uploadId },
      ...{ format: checked.format, isKept, at: Date.now() },
    });
  }

  #forget(key: number): void {
    const item = this.#find(key);
    if (!item) return;
    this.#preparations.get(key)?.ahead?.stop();
    this.#parts.forget(item.id);
    if (item.uploadId !== null && item.figura !== null) this.#parts.abandon(item.figura, item.uploadId);
    this.#patch(key, { uploadId: null, aheadBytes: 0 });
  }

  #reporter(key: number, step: UploadStep): Report {
    return createReport(
      () => this.#find(key)?.step === step,
      (progress) => this.#patch(key, { progress }),
    );
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
