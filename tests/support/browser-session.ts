/** What logging in as a browser does led to. */
export interface LogIn {
  status: number;
  headers: Headers;
  body: string;
  /** For the `cookie` header; empty when no session began. */
  cookie: string;
}

const cookiesOf = (response: Response) => response.headers.getSetCookie().map((line) => line.split(';')[0] as string);

/** Logs in with e-mail and password as the page does. */
export async function logIn(
  url: string,
  email: string,
  password: string,
  headers: Record<string, string> = {},
): Promise<LogIn> {
  const csrf = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const response = await fetch(`${url}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookiesOf(csrf).join('; '), ...headers },
    body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
  });
  const session = cookiesOf(response).filter((line) => line.startsWith('next-auth.session-token='));
  return {
    status: response.status,
    headers: response.headers,
    body: await response.text(),
    cookie: session.join('; '),
  };
}

/** Logs out as the page does. */
export async function logOut(url: string, cookie: string): Promise<Response> {
  const csrf = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  return fetch(`${url}/api/auth/signout`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: [...cookiesOf(csrf), cookie].join('; '),
    },
    body: new URLSearchParams({ csrfToken, json: 'true' }),
  });
}
