'use client';

import { useQuery } from '@tanstack/react-query';
import { figurasQuery } from '#lib/api-client/page-queries.ts';
import { useApiClient } from './use-api-client.ts';

/** Every figura the person may see; there are dozens of them, not thousands. */
export function useAllFiguras() {
  const client = useApiClient();
  return useQuery(figurasQuery(client));
}
