// How people come in without an administrator typing their password: links, and the identity provider.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logIn } from '../support/browser-session.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { type Journey, RedirectFollower } from '../support/redirect-follower.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Answer, openStackClient, type StackClient } from '../support/stack-client.ts';

const PASSWORD = 'canario-segredo-7';
const SESSION = 'next-auth.session-token';

let provider: IdentityProvider;
let stack: Stack;
let client: StackClient;
const secrets = [PASSWORD];
const answers: string[] = [];

beforeAll(async () => {
  provider = await startIdentityProvider();
  const env = {
    ...provider.env,
    OIDC_ALLOWED_DOMAINS: 'casa.example',
    OIDC_ROLE_CLAIM: 'access.groups',
    OIDC_ROLES: 'CN=carga-admin=admin, carga-operacao=operator',
    OIDC_FIGURAS_CLAIM: 'access.figuras',
    TRUSTED_PROXIES: '127.0.0.1,::1',
  };
  stack = await startStack({ workers: 0, env });
  provider.serve(stack.url);
  client = await openStackClient(stack);
  secrets.push(provider.env.OIDC_CLIENT_SECRET as string);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  await provider?.stop();
});

async function addPerson(email: string, more: object = {}): Promise<string> {
  const { status, json } = await client.call('POST', '/api/users', { email, name: 'P', role: 'viewer', ...more });
  expect(status).toBe(201);
  return json.id;
}
const asUser = (cookie: string) => client.call('GET', '/api/jobs', undefined, { authorization: '', cookie });

describe('a link', () => {
  /** As somebody without any credential, from an address of their own. */
  let lastOctet = 0;
  async function send(what: 'inspection' | 'acceptance', body: object, from = `203.0.113.${++lastOctet}`) {
    const headers = { authorization: '', 'x-forwarded-for': from };
    const answer = await client.call('POST', `/api/access-links/${what}`, body, headers);
    answers.push(answer.text);
    return answer;
  }
  async function makeLink(id: string): Promise<string> {
    const { status, json } = await client.call('POST', `/api/users/${id}/link`);
    expect(status).toBe(201);
    expect(json.url).toMatch(new RegExp(`^${stack.url}/acesso#[\\w-]{43}$`));
    const token = new URL(json.url).hash.slice(1);
    secrets.push(token);
    return token;
  }
  const told = ({ status, json }: Answer) => [status, json.code, json.detail, json.errors];

  test('lets an invited person choose a password, once', async () => {
    const id = await addPerson('convidada@exemplo.org', { name: 'Convidada' });
    const startedAt = Date.now();
    const token = await makeLink(id);
    const holder = await send('inspection', { token });
    expect(holder.json).toMatchObject({ email: 'convidada@exemplo.org', name: 'Convidada', isInvitation: true });
    const hours = (Date.parse(holder.json.expiresAt) - startedAt) / 3_600_000;
    expect(hours).toBeCloseTo(72, 0);
    expect((await send('acceptance', { token, password: 'curta' })).status).toBe(422);
    const both = await Promise.all([1, 2].map(() => send('acceptance', { token, name: 'Ana', password: PASSWORD })));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect((await logIn(stack.url, 'convidada@exemplo.org', PASSWORD)).status).toBe(200);
    const { json } = await client.call('GET', '/api/users');
    expect(json.items.find((user: { id: string }) => user.id === id)).toMatchObject({ name: 'Ana', hasPassword: true });
    const { rows } = await client.db.query(
      "select action, actor_kind, actor_id from carga.audit where target = 'user:convidada@exemplo.org' order by id",
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'user.created',
      'user.link_created',
      'user.joined',
      'session.started',
    ]);
    expect(rows[2]).toMatchObject({ actor_kind: 'user', actor_id: id });
  });

  test('ends the sessions of who forgot the password', async () => {
    const email = 'esquecida@exemplo.org';
    const id = await addPerson(email, { password: 'uma senha velha' });
    const { cookie } = await logIn(stack.url, email, 'uma senha velha');
    const token = await makeLink(id);
    expect((await send('inspection', { token })).json.isInvitation).toBe(false);
    expect((await asUser(cookie)).status).toBe(200);
    expect((await send('acceptance', { token, password: PASSWORD })).status).toBe(204);
    expect((await asUser(cookie)).json.code).toBe('unauthenticated');
    expect((await logIn(stack.url, email, 'uma senha velha')).status).toBe(401);
    expect((await logIn(stack.url, email, PASSWORD)).status).toBe(200);
  });

  test('that does not open says the same whatever the reason', async () => {
    const madeUp = await send('inspection', { token: 'x'.repeat(43) });
    expect([madeUp.status, madeUp.json.code]).toEqual([404, 'access_link_not_found']);
    const id = await addPerson('antiga@exemplo.org');
    const expectGone = async (token: string) => {
      for (const answer of [
        await send('inspection', { token }),
        await send('acceptance', { token, password: PASSWORD }),
      ])
        expect(told(answer)).toEqual(told(madeUp));
    };
    const replaced = await makeLink(id);
    const expired = await makeLink(id);
    await expectGone(replaced);
    await client.db.query('update carga.access_links set expires_at = now() where user_id = $1', [id]);
    await expectGone(expired);
    const disabled = await makeLink(id);
    await client.call('PATCH', `/api/users/${id}`, { disabled: true });
    await expectGone(disabled);
    expect((await client.call('POST', `/api/users/${id}/link`)).json.code).toBe('user_disabled');
    await client.call('PATCH', `/api/users/${id}`, { disabled: false });
    await expectGone(disabled);
  });

  test('cannot be guessed for long', async () => {
    const guess = () => send('inspection', { token: 'y'.repeat(43) }, '198.51.100.1');
    for (let count = 0; count < 10; count++) expect((await guess()).status).toBe(404);
    const stopped = await guess();
    expect([stopped.status, stopped.json.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  test('is kept as a hash', async () => {
    await makeLink(await addPerson('cifrada@exemplo.org'));
    const { rows } = await client.db.query('select * from carga.access_links');
    const kept = JSON.stringify(
      rows.map((row) => ({ ...row, token_hash: Buffer.from(row.token_hash).toString('latin1') })),
    );
    expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
  });
});

describe("a person's own profile", () => {
  const change = (cookie: string, body: object) =>
    client.call('PATCH', '/api/profile', body, { authorization: '', cookie, origin: stack.url });

  test('changes the password only for who knows the present one, and ends every session', async () => {
    const email = 'propria@exemplo.org';
    await addPerson(email, { password: 'senha de antes' });
    const [here, elsewhere] = [
      await logIn(stack.url, email, 'senha de antes'),
      await logIn(stack.url, email, 'senha de antes'),
    ];
    expect((await change(here.cookie, { name: 'Nova' })).json).toMatchObject({ email, name: 'Nova' });
    expect((await change(here.cookie, { newPassword: PASSWORD })).json.code).toBe('wrong_password');
    expect((await change(here.cookie, { currentPassword: 'x', newPassword: PASSWORD })).json.code).toBe(
      'wrong_password',
    );
    expect((await change(here.cookie, { role: 'admin' })).status).toBe(422);
    expect((await asUser(elsewhere.cookie)).status).toBe(200);
    expect((await change(here.cookie, { currentPassword: 'senha de antes', newPassword: PASSWORD })).status).toBe(200);
    for (const { cookie } of [here, elsewhere]) expect((await asUser(cookie)).json.code).toBe('unauthenticated');
    expect((await logIn(stack.url, email, PASSWORD)).status).toBe(200);
  });

  test('is no way around the limit of guesses, and nothing for keys', async () => {
    const email = 'sequestrada@exemplo.org';
    await addPerson(email, { password: PASSWORD });
    const { cookie } = await logIn(stack.url, email, PASSWORD);
    const codes = new Set<string>();
    for (let count = 0; count <= 10; count++)
      codes.add((await change(cookie, { currentPassword: `g${count}`, newPassword: 'roubada roubada' })).json.code);
    expect([...codes]).toEqual(['wrong_password', 'too_many_attempts']);
    expect((await client.call('PATCH', '/api/profile', { name: 'x' })).json.code).toBe('forbidden');
  });
});

describe('the identity provider', () => {
  const REFUSED = '/login?error=AccessDenied';

  /** Asks to log in as the page does and gives the browser and the provider's address. */
  async function begin(): Promise<{ browser: RedirectFollower; authorization: URL }> {
    const browser = new RedirectFollower();
    const { csrfToken } = (await (await browser.send(`${stack.url}/api/auth/csrf`)).json()) as { csrfToken: string };
    const response = await browser.send(`${stack.url}/api/auth/signin/oidc`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfToken, callbackUrl: '/cargas', json: 'true' }),
    });
    const { url } = (await response.json()) as { url: string };
    return { browser, authorization: new URL(url) };
  }
  async function enter(
    person: string | null,
  ): Promise<{ journey: Journey; cookie: string; browser: RedirectFollower }> {
    provider.person = person;
    const { browser, authorization } = await begin();
    const journey = await browser.follow(authorization, new RegExp(`^${stack.url}/(?!api/)`));
    const cookie =
      browser
        .cookiesFor(stack.url)
        .split('; ')
        .find((pair) => pair.startsWith(SESSION)) ?? '';
    return { journey, cookie, browser };
  }
  const expectRefused = async (person: string) => {
    const { journey, cookie } = await enter(person);
    expect([journey.url.pathname + journey.url.search, cookie]).toEqual([REFUSED, '']);
  };
  const usersOf = async (email: string) =>
    (await client.db.query('select id, role, figuras, password_hash from carga.users where email = $1', [email])).rows;

  test('is asked with PKCE, state and nonce', async () => {
    const { authorization } = await begin();
    expect(authorization.origin).toBe(provider.env.OIDC_ISSUER);
    expect(Object.fromEntries(authorization.searchParams)).toMatchObject({
      client_id: 'carga',
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/.{20}/),
      nonce: expect.stringMatching(/.{20}/),
    });
  });

  test('brings in who was invited, links them once, and knows them by subject from then on', async () => {
    const email = 'maria@exemplo.org';
    const id = await addPerson(email, { role: 'operator', figuras: ['fornecedores'] });
    await client.call('POST', `/api/users/${id}/link`);
    provider.accounts.set('m-1', { name: 'Maria', email: 'Maria@Exemplo.org', email_verified: true });
    const { journey, cookie } = await enter('m-1');
    expect(journey.url.pathname).toBe('/cargas');
    expect((await asUser(cookie)).status).toBe(200);
    expect((await client.db.query('select subject from carga.identities where user_id = $1', [id])).rows).toEqual([
      { subject: 'm-1' },
    ]);
    // The invitation was answered.
    expect((await client.db.query('select from carga.access_links where user_id = $1', [id])).rowCount).toBe(0);
    provider.accounts.set('m-1', { name: 'Maria', email: 'maria.nova@exemplo.org', email_verified: true });
    const again = await enter('m-1');
    expect((await asUser(again.cookie)).status).toBe(200);
    // Her old address went to somebody else.
    provider.accounts.set('m-2', { name: 'Outra', email, email_verified: true });
    await expectRefused('m-2');
    await client.call('PATCH', `/api/users/${id}`, { disabled: true });
    expect((await asUser(again.cookie)).json.code).toBe('unauthenticated');
    await expectRefused('m-1');
  });

  test('refuses who is unknown, disabled or of an unverified address, all the same way', async () => {
    provider.accounts.set('d-1', { email: 'ninguem@exemplo.org', email_verified: true });
    await expectRefused('d-1');
    provider.accounts.set('d-2', { email: 'admin@casa.example', email_verified: false });
    await expectRefused('d-2');
    const id = await addPerson('fora@exemplo.org');
    await client.call('PATCH', `/api/users/${id}`, { disabled: true });
    provider.accounts.set('d-3', { email: 'fora@exemplo.org', email_verified: true });
    await expectRefused('d-3');
    provider.accounts.set('d-4', { name: 'sem endereço' });
    await expectRefused('d-4');
    provider.accounts.set('d-5', { email: 'x@malcasa.example', email_verified: true });
    await expectRefused('d-5');
    expect((await client.db.query("select from carga.identities where subject like 'd-%'")).rowCount).toBe(0);
    const audit = await client.call(
      'GET',
      '/api/audit?action=session.started&result=refused&target=user:ninguem@exemplo.org',
    );
    expect(audit.json.items).toMatchObject([{ code: 'forbidden', after: { subject: 'd-1' } }]);
  });

  test('makes a viewer without figuras of who is of an allowed domain, once', async () => {
    provider.accounts.set('n-1', { name: 'Nova', email: 'nova@casa.example', email_verified: true });
    const both = await Promise.all([enter('n-1'), enter('n-1')]);
    for (const { cookie } of both) expect((await asUser(cookie)).status).toBe(200);
    expect(await usersOf('nova@casa.example')).toEqual([
      { id: expect.any(String), role: 'viewer', figuras: [], password_hash: null },
    ]);
    expect((await logIn(stack.url, 'nova@casa.example', '')).status).toBe(401);
  });

  test('decides who may do what where the settings ask it, at each log-in anew', async () => {
    const email = 'rita@casa.example';
    const account = { name: 'Rita', email, email_verified: true };
    const enterWith = (groups: string[], figuras: string[]) => {
      provider.accounts.set('r-1', { ...account, access: { groups, figuras } });
      return enter('r-1');
    };
    const first = await enterWith(['carga-operacao', 'outro'], ['municipios', 'fornecedores', 'Não é figura']);
    expect(await usersOf(email)).toMatchObject([{ role: 'operator', figuras: ['fornecedores', 'municipios'] }]);
    const again = await enterWith(['carga-operacao'], ['fornecedores']);
    expect(await usersOf(email)).toMatchObject([{ role: 'operator', figuras: ['fornecedores'] }]);
    expect((await asUser(first.cookie)).status).toBe(200);
    provider.accounts.set('r-1', account);
    const without = await enter('r-1');
    expect(await usersOf(email)).toMatchObject([{ role: 'viewer', figuras: [] }]);
    // Demoted: what was open elsewhere is over.
    expect((await asUser(again.cookie)).json.code).toBe('unauthenticated');
    expect((await asUser(without.cookie)).status).toBe(200);
    const audit = await client.call('GET', `/api/audit?action=user.changed&target=user:${email}`);
    expect(audit.json.items[0]).toMatchObject({ actor: { kind: 'system' }, after: { role: 'viewer', figuras: [] } });

    await enterWith(['CN=carga-admin', 'carga-operacao'], ['*']);
    const [{ id }] = await usersOf('admin@localhost');
    expect((await client.call('PATCH', `/api/users/${id}`, { disabled: true })).status).toBe(200);
    await enterWith([], []);
    expect(await usersOf(email)).toMatchObject([{ role: 'admin' }]);
    await client.call('PATCH', `/api/users/${id}`, { disabled: false });
    await enterWith([], []);
    expect(await usersOf(email)).toMatchObject([{ role: 'viewer' }]);
  });

  test.each(['ES256', 'PS256', 'EdDSA'] as const)('may sign with %s', async (algorithm) => {
    provider.serve(stack.url, algorithm);
    const { cookie } = await enter('n-1');
    expect((await asUser(cookie)).status).toBe(200);
  });

  test('is not believed what it signed with a secret that we share', async () => {
    provider.serve(stack.url, 'HS256');
    const { journey, cookie } = await enter('n-1');
    expect([journey.url.searchParams.get('error'), cookie]).toEqual(['OAuthCallback', '']);
    provider.serve(stack.url);
  });

  test('ends its session with ours, and leads back to the login page', async () => {
    const { browser, cookie } = await enter('n-1');
    const { csrfToken } = (await (await browser.send(`${stack.url}/api/auth/csrf`)).json()) as { csrfToken: string };
    const signOut = (body: Record<string, string>) =>
      browser.send(`${stack.url}/api/auth/signout`, { method: 'POST', body: new URLSearchParams(body) });
    const forged = (await (await signOut({ json: 'true', csrfToken: 'x' })).json()) as { url: string };
    expect(forged.url.startsWith(stack.url)).toBe(true);
    expect((await asUser(cookie)).status).toBe(200);
    const { url } = (await (await signOut({ json: 'true', csrfToken })).json()) as { url: string };
    expect((await asUser(cookie)).json.code).toBe('unauthenticated');
    const asked = await (await browser.send(url)).text();
    const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(asked) ?? [];
    const { headers } = await browser.send(new URL('/session/end/confirm', url), {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
    expect(headers.get('location')).toBe(`${stack.url}/login`);
  });

  test('is believed only in answer to the question that this very browser asked', async () => {
    provider.person = 'n-1';
    const callback = /\/api\/auth\/callback\/oidc/;
    const first = await begin();
    const { url: answer } = await first.browser.follow(first.authorization, callback);
    const stranger = new RedirectFollower();
    const second = await begin();
    const forged = new URL(answer);
    forged.searchParams.set('state', 'x');
    for (const [browser, url] of [
      [stranger, answer],
      [second.browser, answer],
      [first.browser, forged],
    ] as const) {
      const { url: end } = await browser.follow(url, new RegExp(`^${stack.url}/(?!api/)`));
      expect([end.pathname, end.searchParams.get('error')]).toEqual(['/login', 'OAuthCallback']);
      expect(browser.cookiesFor(stack.url)).not.toContain(SESSION);
    }
  });

  test('whose person says no leads back to the login page', async () => {
    const { journey, cookie } = await enter(null);
    expect([journey.url.pathname, journey.url.searchParams.get('error'), cookie]).toEqual(['/login', 'Callback', '']);
    const page = await fetch(`${stack.url}/login?error=Callback`, { headers: { 'accept-language': 'en' } });
    expect(await page.text()).toContain('Signing in through the provider was not completed.');
  });
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  await sleep(100);
  expect(await findSecrets(stack, client, answers, secrets)).toEqual([]);
});
