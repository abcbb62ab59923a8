/** Where a chain of redirects ended, and every address on the way. */
export interface Journey {
  status: number;
  url: URL;
  body: string;
  way: URL[];
}

const MOST_REDIRECTS = 20;

/** A browser without pages: follows redirects and keeps each origin's cookies. */
export class RedirectFollower {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** The `cookie` header for an address. */
  cookiesFor(url: string | URL): string {
    return [...(this.#cookies.get(new URL(url).origin) ?? [])].map((pair) => pair.join('=')).join('; ');
  }

  /** Sends one request with the cookies of its origin and keeps those that come back. */
  async send(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookiesFor(url));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/expires=thu, 01 jan 1970|max-age=0/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Goes where the redirects lead; stops before an address that `stopAt` matches. */
  async follow(start: string | URL, stopAt?: RegExp): Promise<Journey> {
    const way: URL[] = [];
    let url = new URL(start);
    for (let count = 0; count < MOST_REDIRECTS; count++) {
      way.push(url);
      if (stopAt?.test(url.href)) return { status: 0, url, body: '', way };
      const response = await this.send(url);
      const next = response.headers.get('location');
      if (next === null) return { status: response.status, url, body: await response.text(), way };
      url = new URL(next, url);
    }
    throw new Error(`redirects without end: ${way.join(' → ')}`);
  }
}
