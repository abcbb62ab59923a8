import 'server-only';
import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { getServices } from '../services.ts';
import { recordAudit } from './audit.ts';
import type { Role } from './caller.ts';
import { verifyPassword } from './password.ts';

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
        async authorize(credentials) {
          const { prisma } = getServices();
          const email = String(credentials?.email ?? '')
            .trim()
            .toLowerCase();
          const user = await prisma.user.findUnique({ where: { email } });
          const isRight = await verifyPassword(String(credentials?.password ?? ''), user?.passwordHash ?? null);
          if (!user || !isRight || user.disabledAt) return null;
          await prisma.user.update({ where: { id: user.id }, data: { lastLoginAt: new Date() } });
          await recordAudit(
            prisma,
            { kind: 'user', id: user.id, name: user.name },
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
