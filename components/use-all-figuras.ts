'use client';

import { useQuery } from '@tanstack/react-query';
import { listAll } from '#lib/api-client/create-api-client.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import { useApiClient } from './use-api-client.ts';

/** Every figura the person may see; there are dozens of them, not thousands. */
export function useAllFiguras() {
  const client = useApiClient();
  return useQuery({
    queryKey: queryKeys.figuras,
    queryFn: ({ signal }) =>
      Array.fromAsync(listAll((page) => client.listFiguras({ limit: 1000, ...page }, { signal }))),
  });
}
