import { UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { writeProfile } from '../profile.ts';
import { readSecret } from '../read-secret.ts';
import { type Command, clientOf, serviceUrl } from '../session.ts';

/** Tries an API key and keeps it with the service's address for the commands to come. */
export const login: Command = {
  spec: { positionals: [], options: COMMON_OPTIONS },
  run: async (session) => {
    const { args, env, messages, stdin, stderr, interruption } = session;
    const url = serviceUrl(session);
    const prompt = { stream: stderr, text: messages.enterKey };
    const key = args.text('key') ?? (await readSecret(stdin, prompt, interruption));
    if (key === '') throw new UsageFault(messages.noKeyGiven);
    // Nothing is kept that does not work.
    await clientOf(session, url, key).listFiguras({ limit: 1 }, { signal: interruption });
    const file = writeProfile(env, { url, key });
    session.printJson({ url, profile: file });
    session.print(messages.loggedIn(url, file));
    return EXIT_CODES.complete;
  },
};
