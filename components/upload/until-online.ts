/** A cut line is tried again this often even if the browser does not notice that it is back. */
const TRY_AGAIN_MS = 4000;

/** Until the browser says that the line is back, or it is time to see for oneself. @throws the signal's reason */
export function untilOnline(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TRY_AGAIN_MS);
  const online = () => resolve();
  const stop = () => reject(signal.reason);
  window.addEventListener('online', online, { once: true });
  signal.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    window.removeEventListener('online', online);
    signal.removeEventListener('abort', stop);
  });
}
