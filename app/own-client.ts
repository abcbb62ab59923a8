import 'server-only';
import { type ApiClient, createApiClient } from '#lib/api-client/create-api-client.ts';
import type { Locale } from '#lib/i18n/locales.ts';
import { getServices } from '#lib/services.ts';
import { GET as listChanges } from './api/[figura]/%5Fbulk/status/[id]/changes/route.ts';
import { GET as readJobHistory } from './api/[figura]/%5Fbulk/status/[id]/history/route.ts';
import { GET as readJob } from './api/[figura]/%5Fbulk/status/[id]/route.ts';
import { GET as listRows } from './api/[figura]/%5Fbulk/status/[id]/rows/route.ts';
import { GET as listAudit } from './api/audit/route.ts';
import { GET as readFigura } from './api/figuras/[figura]/route.ts';
import { GET as countRows } from './api/figuras/[figura]/row-count/route.ts';
import { GET as listFiguras } from './api/figuras/route.ts';
import { GET as listJobAuthors } from './api/jobs/authors/route.ts';
import { GET as listJobs } from './api/jobs/route.ts';
import { GET as listKeys } from './api/keys/route.ts';
import { GET as readOverview } from './api/overview/route.ts';
import { GET as listUsers } from './api/users/route.ts';
import { GET as listDeliveries } from './api/webhooks/[id]/deliveries/route.ts';
import { GET as readWebhook } from './api/webhooks/[id]/route.ts';
import { GET as listWebhooks } from './api/webhooks/route.ts';

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** The routes that pages ask before they are sent. */
const HANDLERS: Record<string, Handler> = {
  '/api/audit': listAudit,
  '/api/figuras': listFiguras,
  '/api/figuras/{figura}': readFigura,
  '/api/figuras/{figura}/row-count': countRows,
  '/api/jobs': listJobs,
  '/api/jobs/authors': listJobAuthors,
  '/api/keys': listKeys,
  '/api/overview': readOverview,
  '/api/users': listUsers,
  '/api/webhooks': listWebhooks,
  '/api/webhooks/{id}': readWebhook,
  '/api/webhooks/{id}/deliveries': listDeliveries,
  '/api/{figura}/_bulk/status/{id}': readJob,
  '/api/{figura}/_bulk/status/{id}/changes': listChanges,
  '/api/{figura}/_bulk/status/{id}/history': readJobHistory,
  '/api/{figura}/_bulk/status/{id}/rows': listRows,
};
const WAYS = Object.entries(HANDLERS).map(([path, handle]) => ({
  pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  handle,
}));

/**
 * The service's routes as a page on the server asks them: the handlers themselves, without a call over the network. They
 * look for the session of the page's own request, check it as they check any caller's, and answer what they answer to a
 * browser: what may not be seen does not get into a page either.
 */
export function createOwnClient(language: Locale): ApiClient {
  return createApiClient({ baseUrl: getServices().env.PUBLIC_URL, language, fetch: callHandler });
}

async function callHandler(address: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const request = new Request(address, init);
  const { pathname } = new URL(request.url);
  for (const { pattern, handle } of WAYS) {
    const found = pattern.exec(pathname);
    if (!found) continue;
    const params = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    return handle(request, { params: Promise.resolve(Object.fromEntries(params)) });
  }
  throw new Error(`pages do not ask ${pathname} on the server`);
}
