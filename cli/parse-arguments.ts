import { parseArgs } from 'node:util';
import { UsageFault } from './command-fault.ts';
import type { Messages } from './messages/message-types.ts';

/** An option: `string` takes a value, `boolean` none; `values` are the only ones it takes. */
export interface OptionSpec {
  type: 'string' | 'boolean';
  short?: string;
  multiple?: boolean;
  values?: readonly string[];
}

/** What a command takes. */
export interface ArgumentSpec {
  /**
   * Names of the positional arguments, as help shows them; a `?` at the end marks one that may be left out, a `…` the
   * last one that may be given several times.
   */
  positionals: readonly string[];
  /** What the first positional argument may be, where it is one of a few words. */
  words?: readonly string[];
  options: Readonly<Record<string, OptionSpec>>;
}

/** What was given, checked against the spec; `text` and `flag` of an option that was not given are undefined, false. */
export interface Arguments {
  positionals: string[];
  text: (name: string) => string | undefined;
  texts: (name: string) => string[];
  flag: (name: string) => boolean;
}

/** Options that every command takes. */
export const COMMON_OPTIONS = {
  url: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Record<string, OptionSpec>;

/**
 * Reads the arguments of a command. node:util cuts them up; what is wrong is told here, since its own messages are in
 * English only and it does not say what an option would take. @throws UsageFault
 */
export function parseArguments(args: readonly string[], spec: ArgumentSpec, messages: Messages): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...spec.options },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const texts = new Map<string, string[]>();
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(spec.options, token.name) ? spec.options[token.name] : undefined;
    if (option === undefined) {
      throw new UsageFault(messages.unknownOption(token.rawName, nearest(token.rawName, spec)));
    }
    if (option.type === 'boolean') {
      if (token.value !== undefined) throw new UsageFault(messages.optionTakesNoValue(token.rawName));
      flags.add(token.name);
      continue;
    }
    // `--mode --json` is a value that was forgotten, not a mode called "--json"; `--mode=--json` would be meant.
    if (token.value === undefined || (!token.inlineValue && /^-./.test(token.value))) {
      throw new UsageFault(messages.optionNeedsValue(token.rawName));
    }
    if (option.values && !option.values.includes(token.value)) {
      throw new UsageFault(messages.optionValue(token.rawName, token.value, option.values.join(', ')));
    }
    const before = texts.get(token.name) ?? [];
    if (before.length > 0 && !option.multiple) throw new UsageFault(messages.optionTwice(token.rawName));
    texts.set(token.name, [...before, token.value]);
  }
  if (!flags.has('help')) checkPositionals(positionals, spec, messages);
  return {
    positionals,
    text: (name) => texts.get(name)?.[0],
    texts: (name) => texts.get(name) ?? [],
    flag: (name) => flags.has(name),
  };
}

function checkPositionals(positionals: string[], spec: ArgumentSpec, messages: Messages): void {
  const missing = spec.positionals.slice(positionals.length).filter((name) => !name.endsWith('?'));
  if (missing.length > 0) throw new UsageFault(messages.missingArgument(missing.join(' ').replace('…', '')));
  const [word] = positionals;
  if (spec.words && word !== undefined && !spec.words.includes(word)) {
    throw new UsageFault(messages.wrongWord(word, spec.words.join(', ')));
  }
  if (spec.positionals.at(-1)?.endsWith('…')) return;
  const extra = positionals[spec.positionals.length];
  if (extra !== undefined) throw new UsageFault(messages.extraArgument(extra));
}

/** The option that was probably meant; null when none is near. */
function nearest(rawName: string, spec: ArgumentSpec): string | null {
  return nearestWord(
    rawName,
    Object.keys(spec.options).map((name) => `--${name}`),
  );
}

/** The word that differs least from what was typed, if it differs little. */
export function nearestWord(typed: string, words: readonly string[]): string | null {
  const [best] = words
    .map((word) => ({ word, distance: editDistance(typed, word) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : null;
}

/** Letters to insert, delete or replace to turn one word into the other. */
function editDistance(from: string, to: string): number {
  let before = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (before[column - 1] as number) + (from[row - 1] === to[column - 1] ? 0 : 1);
      now.push(Math.min(replaced, (before[column] as number) + 1, (now[column - 1] as number) + 1));
    }
    before = now;
  }
  return before[to.length] as number;
}
