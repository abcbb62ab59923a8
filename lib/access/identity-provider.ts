import 'server-only';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import type { WebEnv } from '../env.ts';
import { readClaim } from './read-claim.ts';

/** Name of the identity provider in addresses: `/api/auth/callback/oidc` is what it must allow. */
export const OIDC = 'oidc';
// next-auth gives it 3.5 s; discovery, keys and token are three calls to somebody else's server.
const TIMEOUT_MS = 10_000;
// Whoever signs out is out by then; a provider that does not answer must not hold them up.
const SIGN_OUT_TIMEOUT_MS = 3000;
/** What a provider signs with and anybody may check: never `none`, never a secret that two share. */
const ASYMMETRIC = /^(?:[RPE]S(?:256|384|512)|EdDSA)$/;
/** More of a token than this stays out of the session: browsers refuse cookies that add up to more than servers take. */
const MAX_HINT_CHARS = 3000;

/** What openid-client's client has beside its types. */
interface Checked {
  issuer: { metadata: { id_token_signing_alg_values_supported?: unknown } };
  validateJWT(token: string, expectedAlgorithm: string, ...rest: unknown[]): Promise<unknown>;
}

const discoveryUrl = ({ OIDC_ISSUER }: Pick<WebEnv, 'OIDC_ISSUER'>) =>
  `${OIDC_ISSUER?.replace(/\/+$/, '')}/.well-known/openid-configuration`;

/** The identity provider of the settings: code flow with PKCE, state and nonce, checked ID token. Null: there is none. */
export function identityProvider(env: WebEnv): OAuthConfig<{ sub: string; name?: string; email?: string }> | null {
  if (!env.OIDC_ISSUER) return null;
  const wanted = ['email', ...[env.OIDC_ROLE_CLAIM, env.OIDC_FIGURAS_CLAIM].filter((name) => name !== undefined)];
  return {
    id: OIDC,
    name: env.OIDC_NAME,
    type: 'oauth',
    wellKnown: discoveryUrl(env),
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET,
    authorization: { params: { scope: env.OIDC_SCOPE } },
    idToken: true,
    checks: ['pkce', 'state', 'nonce'],
    httpOptions: { timeout: TIMEOUT_MS },
    token: {
      async request({ client, provider, params, checks }) {
        expectOfferedAlgorithm(client);
        return { tokens: await client.callback(provider.callbackUrl, params, checks) };
      },
    },
    userinfo: {
      // Some providers put the e-mail address into the ID token, others tell it here only.
      async request({ client, tokens }) {
        const claims = { ...(tokens as { claims?: () => { sub: string } }).claims?.() } as { sub: string };
        const isAllThere = wanted.every((name) => readClaim(claims, name) !== undefined);
        const told = isAllThere ? {} : await client.userinfo(tokens as never);
        return { ...told, ...claims };
      },
    },
    // Who that is here is decided by the signIn callback.
    profile: ({ sub, name, email }) => ({ id: sub, name, email, role: 'viewer', sessionVersion: 0 }),
  };
}

/**
 * next-auth's client expects RS256 unless told, and which of the algorithms that a provider offers it uses for this
 * service is known from the token alone: that one is expected, if it was offered and is checked by a public key.
 * `validateJWT` is not in the types of openid-client 5; asked beforehand, it would take a setting for each provider.
 */
function expectOfferedAlgorithm(client: object): void {
  const { issuer, validateJWT } = client as Checked;
  const offered = issuer.metadata.id_token_signing_alg_values_supported;
  const check: Checked['validateJWT'] = (token, expected, ...rest) => {
    const { alg } = JSON.parse(Buffer.from(token.split('.', 1).join(), 'base64url').toString()) as { alg?: unknown };
    const isOffered = typeof alg === 'string' && Array.isArray(offered) && offered.includes(alg);
    return validateJWT.call(client, token, isOffered && ASYMMETRIC.test(alg) ? alg : expected, ...rest);
  };
  Object.assign(client, { validateJWT: check });
}

/** What of an ID token a session keeps, to end the one at the provider with: none where it is too long for a cookie. */
export function signOutHint(idToken: string | undefined): string {
  return idToken !== undefined && idToken.length <= MAX_HINT_CHARS ? idToken : '';
}

/**
 * Where a person goes to end the session at the provider, and from there back to our login page; null where the
 * provider knows no such way or does not answer: then our own session has ended, and that is all.
 */
export async function endSessionUrl(
  env: Pick<WebEnv, 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'PUBLIC_URL'>,
  idToken: string,
): Promise<URL | null> {
  try {
    const answer = await fetch(discoveryUrl(env), { signal: AbortSignal.timeout(SIGN_OUT_TIMEOUT_MS) });
    const { end_session_endpoint: endpoint } = (await answer.json()) as { end_session_endpoint?: string };
    if (endpoint === undefined || !/^https?:/.test(endpoint)) return null;
    const url = new URL(endpoint);
    url.searchParams.set('client_id', env.OIDC_CLIENT_ID ?? '');
    url.searchParams.set('post_logout_redirect_uri', `${env.PUBLIC_URL}/login`);
    // Without it most providers ask the person whether they mean it; some refuse.
    if (idToken !== '') url.searchParams.set('id_token_hint', idToken);
    return url;
  } catch {
    return null;
  }
}
