/** The process ends before the job does: the job goes back to the queue. */
export class ShutdownError extends Error {
  override name = 'ShutdownError';
}
