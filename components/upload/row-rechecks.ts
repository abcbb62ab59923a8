import { planKeyOf } from './check-rows.ts';
import { CANCELLED } from './interruptions.ts';
import { matchColumns, targetMapOf } from './match-columns.ts';
import type { Report } from './progress-report.ts';
import type { CheckRequest } from './read-file.worker.ts';
import type { QueueParts, UploadItem } from './upload-item.ts';

/** What looking again needs of the queue whose files it looks at. */
export interface RecheckedQueue {
  parts: Pick<QueueParts, 'checkFor' | 'checkRows'>;
  find: (key: number) => UploadItem | undefined;
  patch: (key: number, change: Partial<UploadItem>) => void;
  reporter: (key: number) => Report;
}

/** Second looks at the rows of files that were read: their columns go elsewhere than at the first. */
export class RowRechecks {
  readonly #queue: RecheckedQueue;
  readonly #running = new Map<number, { planKey: string; abort: AbortController }>();

  constructor(queue: RecheckedQueue) {
    this.#queue = queue;
  }

  /** Looks at the rows of a file again, if its columns go elsewhere than when they were looked at. */
  refresh(item: UploadItem): void {
    const request = this.#request(item);
    const planKey = request && planKeyFor(request);
    if (planKey === (this.#running.get(item.key)?.planKey ?? item.report?.planKey ?? null)) return;
    this.stop(item.key);
    if (request === null || planKey === null) this.#queue.patch(item.key, { report: null, isRechecking: false });
    else void this.#look(item, request, planKey);
  }

  stop(key: number): void {
    this.#running.get(key)?.abort.abort(CANCELLED);
    this.#running.delete(key);
  }

  close(): void {
    for (const { abort } of this.#running.values()) abort.abort(CANCELLED);
  }

  #request(item: UploadItem): CheckRequest | null {
    if (item.sample === null) return null;
    const request = this.#queue.parts.checkFor(item);
    return request && { ...request, columns: item.sample.columns.map(({ name }) => name) };
  }

  async #look(item: UploadItem, request: CheckRequest, planKey: string): Promise<void> {
    if (item.file === null || item.checked === null) return;
    const { key } = item;
    const { parts, find, patch, reporter } = this.#queue;
    const abort = new AbortController();
    this.#running.set(key, { planKey, abort });
    patch(key, { isRechecking: true });
    try {
      const report = await parts.checkRows(item.file, item.checked, request, reporter(key), abort.signal);
      patch(key, { report });
    } catch {
      // PostgreSQL looks at every row anyway: a second look that fails keeps nobody from sending the file.
    } finally {
      if (this.#running.get(key)?.abort === abort) {
        patch(key, { isRechecking: false });
        // A failed look is not tried again and again: its plan stays here until there is another one.
        if (find(key)?.report?.planKey === planKey) this.#running.delete(key);
      }
    }
  }
}

function planKeyFor(request: CheckRequest): string {
  const match = matchColumns(request.columns ?? [], request.figura, request.choices, request.remembered);
  return planKeyOf({ figura: request.figura, mode: request.mode, targets: targetMapOf(match) });
}
