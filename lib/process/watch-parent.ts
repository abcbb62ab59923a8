/** Calls `end` when the launcher is gone, however it went: its end of our stdin is closed by the system then. */
export function watchParent(end: () => void): void {
  process.stdin.on('close', end);
  process.stdin.on('error', end);
  process.stdin.resume();
  // Watching is no reason to stay alive.
  process.stdin.unref?.();
}
