/** Runs once when the web process starts, before the first request. */
export async function register(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: Next's own switch between its runtimes
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startWeb } = await import('./lib/api/start-web.ts');
  await startWeb();
}
