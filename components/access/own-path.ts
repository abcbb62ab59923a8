/** Where people land when nothing better is known; app/(admin)/page.tsx leads on from there. */
export const HOME_PATH = '/';

/**
 * A path of this application to go on to after signing in, HOME_PATH for anything else: an address from a link must
 * not lead a person who just typed a password to a foreign site.
 */
export function ownPath(wish: string | string[] | undefined | null): string {
  if (typeof wish !== 'string' || wish.length > 2000) return HOME_PATH;
  const base = 'http://own.invalid';
  if (!wish.startsWith('/') || !URL.canParse(wish, base)) return HOME_PATH;
  const url = new URL(wish, base);
  // `//host`, `/\host` and the like parse to another host; control characters are dropped by the parser before that.
  if (url.origin !== base || url.pathname.startsWith('//') || /^\/(login|api)(\/|$)/.test(url.pathname)) {
    return HOME_PATH;
  }
  return url.pathname + url.search + url.hash;
}
