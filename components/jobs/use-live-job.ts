'use client';

import { useCallback, useEffect, useState } from 'react';
import { useApiClient } from '#components/use-api-client.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import type { WatchConnection } from '#lib/api-client/watch-job.ts';

/** A job as it stands now, how its news arrive, and why there are none any more. */
export interface LiveJob {
  job: JobDto | null;
  connection: WatchConnection | null;
  error: unknown;
  /** Watches anew: after a failure, and after a retry that takes the job out of its end state. */
  watchAgain: () => void;
}

/**
 * Follows a job until it ends; its states never go backwards (lib/api-client/watch-job.ts).
 * @param initial as the page came with it; null where it came without
 */
export function useLiveJob(figura: string, id: string, initial: JobDto | null): LiveJob {
  const client = useApiClient();
  const [job, setJob] = useState(initial);
  const [connection, setConnection] = useState<WatchConnection | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round begins the watch anew
  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    void (async () => {
      try {
        for await (const next of client.watchJob(figura, id, { signal: stop.signal, onConnection: setConnection })) {
          setJob(next);
        }
      } catch (reason) {
        if (!stop.signal.aborted) setError(reason);
      }
    })();
    return () => stop.abort();
  }, [client, figura, id, round]);
  const watchAgain = useCallback(() => setRound((before) => before + 1), []);
  return { job, connection, error, watchAgain };
}
