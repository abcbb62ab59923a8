/** Cookie by which a browser tells the server its zone, so that a page comes with the times it will show. */
export const ZONE_COOKIE = 'carga_zone';

/** Where most of the people are; what a browser that has not said its zone yet is shown for the moment. */
const DEFAULT_ZONE = 'America/Sao_Paulo';

/** The zone a cookie names, or the default where it names none that is known here. */
export function timeZoneFrom(cookie: string | undefined): string {
  if (cookie === undefined || !/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(cookie)) return DEFAULT_ZONE;
  try {
    new Intl.DateTimeFormat('en', { timeZone: cookie });
    // By the browser's own name for it: zones have several.
    return cookie;
  } catch {
    return DEFAULT_ZONE;
  }
}
