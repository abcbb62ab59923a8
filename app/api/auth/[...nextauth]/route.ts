import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '#lib/access/auth-options.ts';

type Context = { params: Promise<{ nextauth: string[] }> };

// Made per request: settings are read when they are there, never at build.
function handle(request: NextRequest, context: Context): Promise<Response> {
  return NextAuth(request as never, context as never, authOptions()) as Promise<Response>;
}

export { handle as GET, handle as POST };
