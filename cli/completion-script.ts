import { LANGUAGES } from './language.ts';
import type { ArgumentSpec } from './parse-arguments.ts';

/** The shells that can be taught. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

type Specs = Record<string, { spec: ArgumentSpec }>;

/** What a shell is to be told, made from what the commands take: it cannot know an option that there is not. */
export function completionScript(shell: Shell, commands: Specs): string {
  if (shell === 'fish') return fishScript(commands);
  // zsh reads what was written for bash; one script is one thing to keep right.
  const prelude =
    shell === 'zsh' ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : '';
  return prelude + bashScript(commands);
}

/** Options of a command with the values each of them takes; an empty list: any value. */
function optionsOf({ spec }: Specs[string]): [string, readonly string[] | null][] {
  const options = Object.entries(spec.options).map(
    ([name, { type, values }]) =>
      [`--${name}`, type === 'boolean' ? null : (values ?? [])] as [string, string[] | null],
  );
  return [...options, ['--lang', LANGUAGES]];
}

function bashScript(commands: Specs): string {
  const names = Object.keys(commands);
  const values = Object.entries(commands).flatMap(([name, command]) =>
    optionsOf(command).flatMap(([option, words]) =>
      words === null || words.length === 0 ? [] : [`    '${name} ${option}') words=${quoted(words)} ;;`],
    ),
  );
  // After these a file or a free text follows: the shell's own completion of files.
  const free = Object.entries(commands).flatMap(([name, command]) =>
    optionsOf(command).flatMap(([option, words]) => (words?.length === 0 ? [`'${name} ${option}'`] : [])),
  );
  const options = Object.entries(commands).map(
    ([name, command]) => `      ${name}) words=${quoted(optionsOf(command).map(([option]) => option))} ;;`,
  );
  const first = Object.entries(commands).flatMap(([name, { spec }]) =>
    spec.words ? [`    ${name}) words=${quoted(spec.words)} ;;`] : [],
  );
  return `_carga() {
  local now="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([...names, 'help', '--help', '--version'])} -- "$now"))
    return
  fi
  case "$command $before" in
${values.join('\n')}
    ${free.join('|')}) return ;;
  esac
  if [ -z "$words" ] && [ "$COMP_CWORD" -eq 2 ] && [ "\${now#-}" = "$now" ]; then
    case "$command" in
${first.join('\n')}
    esac
  fi
  if [ -z "$words" ] && [ "\${now#-}" != "$now" ]; then
    case "$command" in
${options.join('\n')}
    esac
  fi
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$now"))
}
complete -o bashdefault -o default -F _carga carga
`;
}

function fishScript(commands: Specs): string {
  const names = Object.keys(commands);
  const lines = [`complete -c carga -n __fish_use_subcommand -f -a ${quoted([...names, 'help'])}`];
  for (const [name, command] of Object.entries(commands)) {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    if (command.spec.words) lines.push(`complete -c carga ${when} -f -a ${quoted(command.spec.words)}`);
    for (const [option, values] of optionsOf(command)) {
      const takes = values === null ? '' : values.length === 0 ? ' -r' : ` -x -a ${quoted(values)}`;
      lines.push(`complete -c carga ${when} -l ${option.slice(2)}${takes}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}
