/** A reason why Carga cannot start that the person at the terminal can mend: printed as one line, without a stack. */
export class LaunchError extends Error {
  override name = 'LaunchError';
}
