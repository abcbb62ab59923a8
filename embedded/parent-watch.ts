/**
 * Calls `end` when the launcher is gone, however it went: its end of our stdin is closed by the system then.
 * Does nothing in a process that was not started by the launcher.
 */
export function watchParent(end: () => void, supervised = process.env.CARGA_SUPERVISED): void {
  if (supervised !== '1') return;
  process.stdin.on('close', end);
  process.stdin.on('error', end);
  process.stdin.resume();
  // Watching is no reason to stay alive.
  process.stdin.unref?.();
}
