import 'server-only';
import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { AppError } from '../errors.ts';
import { getServices } from '../services.ts';
import { recordAudit } from './audit.ts';
import type { Role } from './caller.ts';
import { clientAddress } from './client-address.ts';
import { verifyPassword } from './password.ts';
import { type CountedTry, countTry } from './rate-limit.ts';

const SESSION_SECONDS = 12 * 60 * 60;

declare module 'next-auth' {
  interface Session {
    userId: string;
    sessionVersion: number;
  }
  interface User {
    sessionVersion: number;
    role: Role;
  }
}
declare module 'next-auth/jwt' {
  interface JWT {
    sessionVersion?: number;
  }
}

/** Begins the message of a refusal for too many tries; the seconds to wait follow. */
export const TOO_MANY_TRIES = 'too_many_attempts:';

// next-auth hands on no more of an error than its message, as a parameter of the address it leads to.
function refuseInUrl(error: unknown): Promise<CountedTry> {
  if (!(error instanceof AppError)) throw error;
  throw new Error(`${TOO_MANY_TRIES}${error.details.seconds}`);
}

/** next-auth's settings. The token holds who and which session version; rights are read from the database each time. */
export function authOptions(): AuthOptions {
  const { env } = getServices();
  return {
    secret: env.AUTH_SECRET,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    pages: { signIn: '/login', error: '/login' },
    providers: [
      CredentialsProvider({
        name: 'Carga',
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        async authorize(credentials, request) {
          const { prisma, limits } = getServices();
          const address = clientAddress({ headers: new Headers(request.headers) });
          const email = String(credentials?.email ?? '')
            .trim()
            .toLowerCase();
          const counted = await countTry(limits, email, address).catch(refuseInUrl);
          const user = await prisma.user.findUnique({ where: { email } });
          const isRight = await verifyPassword(String(credentials?.password ?? ''), user?.passwordHash ?? null);
          if (!user || !isRight || user.disabledAt) return null;
          await counted.succeed();
          await prisma.user.update({ where: { id: user.id }, data: { lastLoginAt: new Date() } });
          await recordAudit(
            prisma,
            { kind: 'user', id: user.id, name: user.name, address },
            { action: 'session.started', target: `user:${user.email}` },
          );
          return {
            id: user.id,
            name: user.name,
            email: user.email,
            role: user.role,
            sessionVersion: user.sessionVersion,
          };
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        if (user) {
          token.sub = user.id;
          token.sessionVersion = user.sessionVersion;
        }
        return token;
      },
      session({ session, token }) {
        session.userId = token.sub ?? '';
        session.sessionVersion = token.sessionVersion ?? 0;
        return session;
      },
    },
  };
}
