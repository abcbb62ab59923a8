// Entry of the `carga` command for a Node that reads TypeScript; cli/carga.mjs finds one.
import { Interruption } from './command-fault.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for the tidying up.
    if (interruption.signal.aborted) process.exit(EXIT_CODES.interrupted);
    interruption.abort(new Interruption(signal));
  });
}
// `carga figuras | head -1` closes the pipe early: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.complete);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interruption: interruption.signal,
});
// Connections kept alive for reuse would hold the process for seconds; stdout is flushed before it ends.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit();
