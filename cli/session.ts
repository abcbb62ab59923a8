import type { Writable } from 'node:stream';
import { type ApiClient, createApiClient } from '#lib/api-client/create-api-client.ts';
import type { Locale } from '#lib/i18n/locales.ts';
import { CommandFault, UsageFault } from './command-fault.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Messages } from './messages/message-types.ts';
import type { ArgumentSpec, Arguments } from './parse-arguments.ts';
import { readProfile } from './profile.ts';
import type { ProgressStream } from './progress-line.ts';
import type { SecretSource } from './read-secret.ts';

const DEFAULT_URL = 'http://localhost:3000';

/** What the process gives a command to work with. */
export interface Surroundings {
  stdin: SecretSource;
  stdout: Writable;
  stderr: ProgressStream;
  env: Record<string, string | undefined>;
  /** Aborted with an Interruption by Ctrl-C and SIGTERM. */
  interruption: AbortSignal;
}

/** One run of a command. */
export interface Session extends Surroundings {
  locale: Locale;
  messages: Messages;
  args: Arguments;
  /** Whether stdout is for a program. */
  isJson: boolean;
  /** Writes lines for people to stdout, or nothing where a program reads it. */
  print: (...lines: string[]) => void;
  /** Writes the result for a program to stdout, where one reads it. */
  printJson: (value: unknown) => void;
  /** Writes lines to stderr, whoever reads stdout. */
  say: (...lines: string[]) => void;
}

/** What a command is: its arguments, and what it does; the number is how the process ends. */
export interface Command {
  spec: ArgumentSpec;
  run: (session: Session) => Promise<number>;
}

/** Address of the service: `--url`, CARGA_URL, what `carga login` kept, else this machine. @throws UsageFault */
export function serviceUrl({ args, env, messages }: Session): string {
  const url = args.text('url') ?? (env.CARGA_URL || readProfile(env)?.url || DEFAULT_URL);
  const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isHttp) throw new UsageFault(messages.wrongUrl(url));
  return url;
}

/** A client with a key. @throws CommandFault when it cannot be one. */
export function clientOf({ messages, locale }: Session, baseUrl: string, apiKey: string): ApiClient {
  // Anything else cannot stand in a header; fetch would only say that the header is wrong.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new CommandFault('no_key', messages.strangeKey, EXIT_CODES.unavailable);
  return createApiClient({ baseUrl, apiKey, language: locale });
}

/**
 * The client of the service that `--url`, `--key`, their variables and the profile name. A key that was kept for one
 * address is never sent to another. @throws CommandFault without a key.
 */
export function connect(session: Session): ApiClient {
  const { args, env, messages } = session;
  const baseUrl = serviceUrl(session);
  const profile = readProfile(env);
  const kept = profile && profile.url === baseUrl ? profile.key : undefined;
  const apiKey = args.text('key') ?? (env.CARGA_API_KEY || kept);
  if (!apiKey) throw new CommandFault('no_key', messages.noKey, EXIT_CODES.unavailable);
  return clientOf(session, baseUrl, apiKey);
}
