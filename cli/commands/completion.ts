import { completionScript, SHELLS, type Shell } from '../completion-script.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import type { Command } from '../session.ts';

/** Prints what teaches a shell to complete the command's words; `commands` is all that there is to complete. */
export function completionOf(commands: () => Record<string, Command>): Command {
  return {
    spec: { positionals: ['SHELL'], words: SHELLS, options: { help: COMMON_OPTIONS.help } },
    run: async (session) => {
      const shell = session.args.positionals[0] as Shell;
      session.print(completionScript(shell, commands()).trimEnd());
      return EXIT_CODES.complete;
    },
  };
}
