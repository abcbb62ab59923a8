import 'server-only';
import type { ApiKey } from '../db/generated/client.ts';
import { SharedReads } from '../db/shared-reads.ts';
import { AppError } from '../errors.ts';
import { getServices } from '../services.ts';
import { describeApiKey, isMistyped } from './api-key.ts';
import type { Caller } from './caller.ts';
import { callerOf, readSession } from './session.ts';

// Exact to the minute is enough for "last used", and a busy program does not write its key's row on every call.
const LAST_USED_MS = 60_000;

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

const keys = new SharedReads<ApiKey | null>();

async function callerOfKey(secret: string): Promise<Caller> {
  // Told apart before the database is asked: a slip of the pen is mended elsewhere than a key that was revoked.
  if (isMistyped(secret)) throw new AppError('mistyped_key', 'the checksum of the API key is wrong');
  const key = await keys.ask(secret, () => findKey(secret));
  if (!key) throw new AppError('invalid_credentials', 'unknown, revoked or expired API key');
  return { kind: 'apiKey', id: key.id, name: key.name, role: key.role, figuras: key.figuras };
}

/** The key, if it is still good for anything. */
async function findKey(secret: string): Promise<ApiKey | null> {
  const { prisma } = getServices();
  const key = await prisma.apiKey.findUnique({ where: { secretHash: describeApiKey(secret).secretHash } });
  if (!key || key.revokedAt || (key.expiresAt && key.expiresAt <= new Date())) return null;
  if (!key.lastUsedAt || Date.now() - key.lastUsedAt.getTime() > LAST_USED_MS) {
    await prisma.apiKey.update({ where: { id: key.id }, data: { lastUsedAt: new Date() } });
  }
  return key;
}

/** A cookie proves who, not that they meant it: what changes something must come from our own pages. */
function requireSameOrigin(request: Request): void {
  if (READING.has(request.method)) return;
  const origin = request.headers.get('origin');
  const allowed = new Set([new URL(getServices().env.PUBLIC_URL).host, request.headers.get('host')]);
  const isOwn =
    origin === null
      ? request.headers.get('sec-fetch-site') === 'same-origin'
      : allowed.has(URL.parse(origin)?.host ?? '');
  if (!isOwn) throw new AppError('cross_origin', `a session's request came from ${origin}`);
}

/**
 * Who calls: by API key, else by session. Nothing rests on a proxy or a layout.
 * @throws AppError `unauthenticated`, `invalid_credentials`, `mistyped_key`, `cross_origin`
 */
export async function authenticate(request: Request): Promise<Caller> {
  const authorization = request.headers.get('authorization');
  if (authorization) {
    const [, secret] = /^Bearer +([^\s]+)$/i.exec(authorization) ?? [];
    if (!secret) throw new AppError('invalid_credentials', 'the Authorization header is not a Bearer token');
    return callerOfKey(secret);
  }
  const user = await readSession();
  if (!user) throw new AppError('unauthenticated', 'no session and no API key');
  requireSameOrigin(request);
  return callerOf(user);
}
