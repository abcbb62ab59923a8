import type { JobDto } from '#lib/api/schemas.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import type { WatchConnection } from '#lib/api-client/watch-job.ts';
import { formatDuration, formatNumber } from '#lib/i18n/format.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { ProgressLine } from './progress-line.ts';
import type { Session } from './session.ts';

/**
 * Watches a job until it ends, with a bar on stderr. null when the user stopped watching: the job goes on, and the
 * user has been told so.
 */
export async function followJob(
  session: Session,
  client: ApiClient,
  figura: string,
  id: string,
): Promise<JobDto | null> {
  const { locale, messages } = session;
  const line = new ProgressLine(session.stderr);
  let connection: WatchConnection = 'live';
  let job: JobDto | null = null;
  const show = () => {
    const details = [messages.phase(job?.status ?? 'queued', job?.phase ?? null)];
    if (connection === 'reconnecting') details.unshift(messages.reconnecting);
    const fraction = job === null || job.status === 'queued' ? null : job.progress.percent / 100;
    if (job !== null && job.status !== 'queued') {
      const { rowsRead, rowsTotal, rowsPerSecond, etaSeconds } = job.progress;
      const read = formatNumber(locale, rowsRead);
      details.unshift(
        messages.rows(rowsTotal === null ? read : messages.ofTotal(read, formatNumber(locale, rowsTotal))),
      );
      if (rowsPerSecond !== null) details.push(messages.perSecond(formatNumber(locale, rowsPerSecond)));
      if (etaSeconds !== null) details.push(messages.timeLeft(formatDuration(locale, Math.ceil(etaSeconds) * 1000)));
    }
    line.update({ label: messages.loading, fraction, details });
  };
  try {
    const states = client.watchJob(figura, id, {
      signal: session.interruption,
      onConnection(next) {
        connection = next;
        show();
      },
    });
    for await (const state of states) {
      job = state;
      show();
    }
    return job;
  } catch (error) {
    line.clear();
    // Whatever ends the watching, a lost connection as well, does not end the job.
    session.say(messages.goesOn(`carga status ${id} --figura ${figura} --watch`));
    if (session.interruption.aborted) return null;
    throw error;
  } finally {
    line.clear();
  }
}

/** How the process ends for a job; one that still runs is no failure. */
export function exitCodeOf(job: JobDto): number {
  if (job.status === 'error' || job.status === 'cancelled') return EXIT_CODES.failed;
  return job.status === 'complete' && job.rows.rejected > 0 ? EXIT_CODES.rejected : EXIT_CODES.complete;
}
