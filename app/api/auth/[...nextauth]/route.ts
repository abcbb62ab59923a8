import { randomUUID } from 'node:crypto';
import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions, TOO_MANY_TRIES } from '#lib/access/auth-options.ts';
import { endSessionUrl } from '#lib/access/identity-provider.ts';
import { answerTooManyTries } from '#lib/api/problem.ts';
import { getServices } from '#lib/services.ts';

type Context = { params: Promise<{ nextauth: string[] }> };

// Made per request: settings are read when they are there, never at build.
async function handle(request: NextRequest, context: Context): Promise<Response> {
  let left: string | undefined;
  const options = authOptions(request, (hint) => {
    left = hint;
  });
  const answer = (await NextAuth(request as never, context as never, options)) as Response;
  if (left !== undefined) return leaveProvider(answer, left);
  // A refusal is an address with the error in it: in the body for scripts, where to go next for forms.
  const target = answer.headers.get('location') ?? (answer.status === 401 ? await answer.clone().text() : '');
  const at = decodeURIComponent(target).indexOf(TOO_MANY_TRIES);
  if (at < 0) return answer;
  const seconds = Number.parseInt(decodeURIComponent(target).slice(at + TOO_MANY_TRIES.length), 10);
  return answerTooManyTries(request, seconds, randomUUID());
}

/** Leads on to the end of the session at the identity provider, and from there back to the login page. */
async function leaveProvider(answer: Response, hint: string): Promise<Response> {
  const { env } = getServices();
  const url = env.OIDC_LOGOUT ? await endSessionUrl(env, hint) : null;
  if (url === null) return answer;
  const headers = new Headers(answer.headers);
  if (headers.has('location')) headers.set('location', url.href);
  const isJson = headers.get('content-type')?.startsWith('application/json');
  // Where to go next is in the body for next-auth's script in the page.
  const body = isJson ? JSON.stringify({ url: url.href }) : answer.body;
  return new Response(body, { status: answer.status, headers });
}

export { handle as GET, handle as POST };
