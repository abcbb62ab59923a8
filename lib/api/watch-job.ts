import type { JobNotifications } from '../db/job-notifications.ts';
import type { DbPool } from '../db/pool.ts';
import { isTerminal } from '../job/job-states.ts';
import { findJob } from './find-jobs.ts';
import type { JobRow } from './job-dto.ts';

type Watched = { pool: DbPool; notifications: JobNotifications };

// While something changes a watcher hears of it at least this often, even if a notification was lost.
const TICK_MS = 1000;
// A comment keeps proxies from closing a stream in which nothing changes.
const KEEP_ALIVE_MS = 15_000;

// All watchers of the process look again at the same moments.
const untilTick = () => TICK_MS - (Date.now() % TICK_MS);

/** Resolves at the job's next change, after `timeoutMs`, or when the signal is aborted. */
function nextChange(notifications: JobNotifications, jobId: string, timeoutMs: number, signal: AbortSignal) {
  let finish: () => void = () => {};
  const change = new Promise<void>((resolve) => {
    finish = () => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    const unsubscribe = notifications.subscribe(jobId, finish);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
  return { change, cancel: finish };
}

/** Holds until the job's status is another one than now, the job has ended, or the seconds have passed. */
export async function waitForStatus(
  { pool, notifications }: Watched,
  figura: string,
  id: string,
  seconds: number,
  signal: AbortSignal,
): Promise<JobRow> {
  const deadline = Date.now() + seconds * 1000;
  const first = await findJob(pool, figura, id);
  let job = first;
  while (job.status === first.status && !isTerminal(job.status) && !signal.aborted) {
    const left = deadline - Date.now();
    if (left <= 0) break;
    // Subscribed before reading again: a change between the two is not missed.
    const { change, cancel } = nextChange(notifications, id, Math.min(left, untilTick()), signal);
    const again = await findJob(pool, figura, id);
    if (again.revision !== job.revision) cancel();
    else await change;
    job = await findJob(pool, figura, id);
  }
  return job;
}

/**
 * The job's changes as server-sent events: event `status`, id = revision, data = the job. Ends after the job has. A
 * client that does not read is told nothing meanwhile, and then what is newest: nothing piles up for it.
 * @param lastEventId revision the client has seen; nothing older is sent
 */
export function jobEventStream(
  { pool, notifications }: Watched,
  first: JobRow,
  toData: (row: JobRow) => unknown,
  options: { lastEventId: number | null; signal: AbortSignal; onEnd: () => void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const over = new AbortController();
  const end = () => {
    over.abort();
    options.onEnd();
  };
  let sent = options.lastEventId ?? -1;
  let quietSince = Date.now();
  let job = first;

  /** What is to be told next, once there is something. */
  const nextWords = async (): Promise<string> => {
    while (!over.signal.aborted) {
      // An end is sent again even to a client that has seen it: without it the stream would say nothing.
      if (job.revision > sent || isTerminal(job.status)) {
        sent = job.revision;
        return `id: ${job.revision}\nevent: status\ndata: ${JSON.stringify(toData(job))}\n\n`;
      }
      if (Date.now() - quietSince > KEEP_ALIVE_MS) return ': still here\n\n';
      await nextChange(notifications, job.id, untilTick(), over.signal).change;
      if (!over.signal.aborted) job = await findJob(pool, job.figura, job.id);
    }
    return '';
  };

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const close = () => {
        if (over.signal.aborted) return;
        end();
        controller.close();
      };
      controller.enqueue(encoder.encode('retry: 1000\n\n'));
      options.signal.addEventListener('abort', close, { once: true });
      if (options.signal.aborted) close();
    },
    async pull(controller) {
      try {
        const words = await nextWords();
        if (over.signal.aborted) return;
        controller.enqueue(encoder.encode(words));
        quietSince = Date.now();
        if (!isTerminal(job.status)) return;
        end();
        controller.close();
      } catch (error) {
        if (over.signal.aborted) return;
        end();
        throw error;
      }
    },
    cancel: end,
  });
}
