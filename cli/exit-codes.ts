/** How the command ends; scripts rely on these numbers, so they never change. */
export const EXIT_CODES = {
  /** The job is complete and no row was rejected; for the other commands, done. */
  complete: 0,
  /** The job failed or was cancelled, or file or request were refused: nothing was loaded. */
  failed: 1,
  /** Wrong usage: an argument, or a file that is not there. */
  usage: 2,
  /** The job is complete, but rows were rejected. */
  rejected: 3,
  /** The service does not answer, cannot work at the moment, or does not take the key. */
  unavailable: 4,
  /** Interrupted by Ctrl-C or SIGTERM: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;
