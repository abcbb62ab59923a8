import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** What the provider tells of an account. */
export interface Account {
  name?: string;
  email?: string;
  email_verified?: boolean;
  access?: { groups?: string[]; figuras?: string[] };
}

/** What the provider can sign with: by keys that anybody may have the public half of, or by the client's secret. */
export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA' | 'HS256';

/** An OpenID provider on loopback whose people log in without typing anything. */
export interface IdentityProvider {
  /** Settings that make the service use it. */
  env: Record<string, string>;
  /** By subject. */
  accounts: Map<string, Account>;
  /** Subject of whoever sits before the browser; null says no when asked. */
  person: string | null;
  /** Begins to serve, for the service at this address; ID tokens are signed with RS256 unless told. */
  serve(serviceUrl: string, algorithm?: SigningAlgorithm): void;
  stop(): Promise<void>;
}

/** Starts a provider; it answers once `serve` was called. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  let answer: http.RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = http.createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'carga',
    OIDC_CLIENT_SECRET: randomBytes(24).toString('base64url'),
    OIDC_NAME: 'Portal',
  };
  const accounts = new Map<string, Account>();
  const self: IdentityProvider = {
    env,
    accounts,
    person: null,
    serve(serviceUrl, algorithm = 'RS256') {
      const provider = new Provider(issuer, configurationOf({ env, serviceUrl, accounts, algorithm }));
      const handle = provider.callback();
      answer = (request, response) => {
        if (!request.url?.startsWith('/interaction/')) return handle(request, response);
        finishInteraction(provider, self.person, request, response).catch((error) => {
          response.writeHead(500).end(String(error));
        });
      };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}

function makeKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  return [rsa, ec, ed].map(({ privateKey }) => ({ ...privateKey.export({ format: 'jwk' }), use: 'sig' }));
}

function configurationOf({
  env,
  serviceUrl,
  accounts,
  algorithm,
}: {
  env: Record<string, string>;
  serviceUrl: string;
  accounts: Map<string, Account>;
  algorithm: SigningAlgorithm;
}) {
  return {
    clients: [
      {
        client_id: env.OIDC_CLIENT_ID,
        client_secret: env.OIDC_CLIENT_SECRET,
        redirect_uris: [`${serviceUrl}/api/auth/callback/oidc`],
        post_logout_redirect_uris: [`${serviceUrl}/login`],
        id_token_signed_response_alg: algorithm,
      },
    ],
    jwks: { keys: makeKeys() },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    // E-mail and name are told by the userinfo endpoint, not by the ID token: as the specification has it.
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'access'] },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...accounts.get(sub) }),
    }),
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: { body: string }, form: string) => {
          context.body = `<!doctype html>${form}<button form="op.logoutForm" name="logout" value="yes">Sair do portal</button>`;
        },
      },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    // Longer than any test; without them the package says on each use that they are missing.
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  };
}

async function finishInteraction(
  provider: Provider,
  person: string | null,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { prompt, session, params } = await provider.interactionDetails(request, response);
  if (person === null) return provider.interactionFinished(request, response, { error: 'access_denied' });
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: person } });
  }
  const grant = new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
  grant.addOIDCScope('openid email profile');
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}
