import { createInterface } from 'node:readline';
import { UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { writeProfile } from '../profile.ts';
import { type Command, clientOf, type Session, serviceUrl } from '../session.ts';

/** Tries an API key and keeps it with the service's address for the commands to come. */
export const login: Command = {
  spec: { positionals: [], options: COMMON_OPTIONS },
  run: async (session) => {
    const { args, env, messages } = session;
    const url = serviceUrl(session);
    const key = args.text('key') ?? (await firstLine(session));
    if (key === '') throw new UsageFault(messages.noKeyGiven);
    // Nothing is kept that does not work.
    await clientOf(session, url, key).listFiguras({ limit: 1 }, { signal: session.interruption });
    const file = writeProfile(env, { url, key });
    session.printJson({ url, profile: file });
    session.print(messages.loggedIn(url, file));
    return EXIT_CODES.complete;
  },
};

/** From stdin: an argument would stand in the process list and in the shell's history. */
async function firstLine({ stdin, say, messages, interruption }: Session): Promise<string> {
  say(messages.enterKey);
  const lines = createInterface({ input: stdin, signal: interruption });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  interruption.throwIfAborted();
  return '';
}
