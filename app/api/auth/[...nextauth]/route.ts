import { randomUUID } from 'node:crypto';
import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions, TOO_MANY_TRIES } from '#lib/access/auth-options.ts';
import { answerTooManyTries } from '#lib/api/problem.ts';

type Context = { params: Promise<{ nextauth: string[] }> };

// Made per request: settings are read when they are there, never at build.
async function handle(request: NextRequest, context: Context): Promise<Response> {
  const answer = (await NextAuth(request as never, context as never, authOptions(request))) as Response;
  // A refusal is an address with the error in it: in the body for scripts, where to go next for forms.
  const target = answer.headers.get('location') ?? (answer.status === 401 ? await answer.clone().text() : '');
  const at = decodeURIComponent(target).indexOf(TOO_MANY_TRIES);
  if (at < 0) return answer;
  const seconds = Number.parseInt(decodeURIComponent(target).slice(at + TOO_MANY_TRIES.length), 10);
  return answerTooManyTries(request, seconds, randomUUID());
}

export { handle as GET, handle as POST };
