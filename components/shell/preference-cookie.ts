/** Keeps a harmless preference (language, theme) for a year; null forgets it. */
export function writePreference(name: string, value: string | null): void {
  const age = value === null ? 0 : 365 * 24 * 3600;
  // Not through cookieStore: Firefox and Safari have it only since lately, and pages without TLS never.
  // biome-ignore lint/suspicious/noDocumentCookie: see above
  document.cookie = `${name}=${value ?? ''}; path=/; max-age=${age}; samesite=lax`;
}
