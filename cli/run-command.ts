import { readFileSync } from 'node:fs';
import { reportFault, UsageFault } from './command-fault.ts';
import { cancel } from './commands/cancel.ts';
import { completionOf } from './commands/completion.ts';
import { convert } from './commands/convert.ts';
import { errors } from './commands/errors.ts';
import { figuras } from './commands/figuras.ts';
import { keys } from './commands/keys.ts';
import { login } from './commands/login.ts';
import { push } from './commands/push.ts';
import { retry } from './commands/retry.ts';
import { status } from './commands/status.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { LANGUAGES, languageFrom, takeLanguage } from './language.ts';
import type { HelpTexts } from './messages/message-types.ts';
import { helpIn, messagesIn } from './messages/messages.ts';
import { nearestWord, parseArguments } from './parse-arguments.ts';
import { printable } from './printable.ts';
import type { Command, Surroundings } from './session.ts';

const COMMANDS: Record<string, Command> = {
  push,
  status,
  errors,
  retry,
  cancel,
  figuras,
  convert,
  keys,
  login,
  completion: completionOf(() => COMMANDS),
};

/** Runs the command that `argv` (without node and script) names; gives the number the process shall end with. */
export async function runCommand(given: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  const { rest: argv, language } = takeLanguage(given);
  const locale = language ?? languageFrom(env);
  const messages = messagesIn(locale);
  const help = helpIn(locale);
  const say = (...lines: string[]) => void stderr.write(lines.map((line) => `${line}\n`).join(''));
  const write = (...lines: string[]) => void stdout.write(lines.map((line) => `${line}\n`).join(''));
  // Known before the arguments are understood: also their faults are told to a program as it wants.
  const isJson = argv.includes('--json');
  let name = argv[0] ?? '';
  try {
    if (language === null) throw new UsageFault(messages.wrongLanguage(LANGUAGES.join(', ')));
    if (argv.length === 0) {
      say(help.carga);
      return EXIT_CODES.usage;
    }
    if (name === 'help' || name === '--help' || name === '-h') {
      name = name === 'help' ? (argv[1] ?? '') : '';
      if (name !== '') commandNamed(name);
      write(help[(name || 'carga') as keyof HelpTexts]);
      return EXIT_CODES.complete;
    }
    if (name === '--version' || name === 'version') {
      write(`carga ${versionOf()}`);
      return EXIT_CODES.complete;
    }
    const command = commandNamed(name);
    const args = parseArguments(argv.slice(1), command.spec, messages);
    if (args.flag('help')) {
      write(help[name as keyof HelpTexts]);
      return EXIT_CODES.complete;
    }
    return await command.run({
      ...surroundings,
      locale,
      messages,
      args,
      isJson,
      say,
      print: (...lines) => (isJson ? undefined : write(...lines)),
      printJson: (value) => (isJson ? write(JSON.stringify(value, null, 2)) : undefined),
    });
  } catch (error) {
    const report = reportFault(error, messages);
    say(...report.lines.map((line, index) => (index === 0 ? `carga: ${line}` : line)));
    if (error instanceof UsageFault)
      say(messages.helpAt(`carga ${Object.hasOwn(COMMANDS, name) ? `${name} ` : ''}--help`));
    if (isJson) write(JSON.stringify({ error: report.json }, null, 2));
    return report.exitCode;
  }

  function commandNamed(wanted: string): Command {
    const command = Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined;
    if (command) return command;
    throw new UsageFault(messages.unknownCommand(printable(wanted, 40), nearestWord(wanted, Object.keys(COMMANDS))));
  }
}

function versionOf(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
