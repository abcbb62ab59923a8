import 'server-only';
import { randomUUID } from 'node:crypto';
import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { AppError } from '../errors.ts';
import { getServices } from '../services.ts';
import { recordAudit } from './audit.ts';
import type { Role } from './caller.ts';
import { clientAddress } from './client-address.ts';
import { admitIdentity, readIdentity } from './identity.ts';
import { identityProvider, OIDC, signOutHint } from './identity-provider.ts';
import { verifyPassword } from './password.ts';
import { type CountedTry, countTry } from './rate-limit.ts';

const SESSION_SECONDS = 12 * 60 * 60;

declare module 'next-auth' {
  interface Session {
    /** Of this very login, whatever cookies it was renewed in. */
    sessionId: string;
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
    sessionId?: string;
    sessionVersion?: number;
    /** Where the identity provider let the person in: what to end the session there with, if anything was kept. */
    signOutHint?: string;
  }
}

/** Begins the message of a refusal for too many tries; the seconds to wait follow. */
export const TOO_MANY_TRIES = 'too_many_attempts:';

// next-auth hands on no more of an error than its message, as a parameter of the address it leads to.
function refuseInUrl(error: unknown): Promise<CountedTry> {
  if (!(error instanceof AppError)) throw error;
  throw new Error(`${TOO_MANY_TRIES}${error.details.seconds}`);
}

/**
 * next-auth's settings. The token holds who and which session version; rights are read from the database each time.
 * `request` is the one being answered, when somebody may be logging in or out; `onProviderLeft` is told when a session
 * ended that the identity provider had opened, and the hint that was kept of it.
 */
export function authOptions(request?: Request, onProviderLeft?: (hint: string) => void): AuthOptions {
  const { env } = getServices();
  const provider = identityProvider(env);
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
          if (!user || !isRight || user.disabledAt) {
            await noteFailedLogin(user, address);
            return null;
          }
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
      ...(provider === null ? [] : [provider]),
    ],
    events: {
      async signOut({ token }) {
        const { prisma } = getServices();
        if (token.signOutHint !== undefined) onProviderLeft?.(token.signOutHint);
        // The cookie is taken out of the browser; a copy of it must be worth nothing either.
        const id = token.sessionId;
        if (id) await prisma.endedSession.upsert({ where: { id }, create: { id }, update: {} });
        const user = token.sub ? await prisma.user.findUnique({ where: { id: token.sub } }) : null;
        if (!user) return;
        const address = request ? clientAddress(request) : null;
        await recordAudit(
          prisma,
          { kind: 'user', id: user.id, name: user.name, address },
          { action: 'session.ended', target: `user:${user.email}` },
        );
      },
    },
    callbacks: {
      async signIn({ user, account, profile }) {
        if (account?.provider !== OIDC) return true;
        const { prisma } = getServices();
        const identity = readIdentity({ ...profile }, env);
        const address = request ? clientAddress(request) : null;
        const person = await admitIdentity(prisma, identity, env.OIDC_ALLOWED_DOMAINS, address);
        if (!person) {
          // Unlike at our own form, the provider vouches for the name.
          const { issuer, subject, email } = identity;
          await recordAudit(
            prisma,
            { kind: 'user', id: null, name: email ?? '?', address },
            {
              action: 'session.started',
              target: `user:${email ?? '?'}`,
              after: { issuer, subject },
              refusal: 'forbidden',
            },
          );
          return false;
        }
        // Without an adapter next-auth hands this very object on to the jwt callback below.
        const { id, name, email, role, sessionVersion } = person;
        Object.assign(user, { id, name, email, role, sessionVersion });
        return true;
      },
      jwt({ token, user, account }) {
        if (user) {
          token.sub = user.id;
          token.sessionId = randomUUID();
          token.sessionVersion = user.sessionVersion;
          if (account?.provider === OIDC) token.signOutHint = signOutHint(account.id_token);
        }
        return token;
      },
      session({ session, token }) {
        session.userId = token.sub ?? '';
        session.sessionId = token.sessionId ?? '';
        session.sessionVersion = token.sessionVersion ?? 0;
        return session;
      },
    },
  };
}

/** Who is unknown is not named: what was typed there may be a password. */
async function noteFailedLogin(
  user: { id: string; name: string; email: string } | null,
  address: string | null,
): Promise<void> {
  await recordAudit(
    getServices().prisma,
    { kind: 'user', id: user?.id ?? null, name: user?.name ?? '?', address },
    { action: 'session.started', target: `user:${user?.email ?? '?'}`, refusal: 'invalid_credentials' },
  );
}
