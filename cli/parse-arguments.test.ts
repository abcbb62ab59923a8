import { describe, expect, it } from 'vitest';
import { convert } from './commands/convert.ts';
import { push } from './commands/push.ts';
import { messagesIn } from './messages/messages.ts';
import { nearestWord, parseArguments } from './parse-arguments.ts';

const messages = messagesIn('en');
const parse = (...args: string[]) => parseArguments(args, push.spec, messages);

describe('parseArguments', () => {
  it('reads options before, between and behind the arguments', () => {
    const args = parse(
      '--dry-run',
      'fornecedores',
      '--mode=append',
      'x.csv',
      '--map',
      'a=b',
      '--map',
      'c=d',
      '--delimiter',
      ';',
    );
    expect(args.positionals).toEqual(['fornecedores', 'x.csv']);
    expect([args.flag('dry-run'), args.flag('force')]).toEqual([true, false]);
    expect([args.text('mode'), args.text('on-error')]).toEqual(['append', undefined]);
    expect(args.texts('map')).toEqual(['a=b', 'c=d']);
  });

  it('takes "-" for stdin and what follows "--" as it is', () => {
    expect(parse('fornecedores', '-').positionals).toEqual(['fornecedores', '-']);
    expect(parse('fornecedores', '--', '--odd name.csv').positionals).toEqual(['fornecedores', '--odd name.csv']);
  });

  it.each([
    [['fornecedores'], 'Missing: FILE.'],
    [[], 'Missing: FIGURA FILE.'],
    [['a', 'b', '--dryrun'], 'There is no option --dryrun. Did you mean --dry-run?'],
    [['a', 'b', '--xyzzy'], 'There is no option --xyzzy.'],
    [['a', 'b', '--__proto__'], 'There is no option --__proto__.'],
    [['a', 'b', '-q'], 'There is no option -q.'],
    [['a', 'b', '--mode'], 'The option --mode needs a value'],
    [['a', 'b', '--map', '--json'], 'The option --map needs a value'],
    [['a', 'b', '--mode', 'upsert'], 'The option --mode takes merge, append, snapshot, not “upsert”.'],
    [['a', 'b', '--mode=merge', '--mode=append'], 'The option --mode was given twice.'],
    [['a', 'b', '--force=yes'], 'The option --force takes no value.'],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  it('takes several files where a command sends them, and nowhere else', () => {
    expect(parse('a', 'b', 'c d').positionals).toEqual(['a', 'b', 'c d']);
    expect(() => parseArguments(['a', 'b', 'c d'], convert.spec, messages)).toThrow('“c d” is one argument too many');
  });

  it('does not ask for arguments of whoever asks for help', () => {
    expect(parse('-h').flag('help')).toBe(true);
  });

  it('takes a value that begins with a hyphen behind an equals sign', () => {
    expect(parse('a', 'b', '--delimiter=-').text('delimiter')).toBe('-');
  });
});

describe('nearestWord', () => {
  it('suggests what is near, and nothing else', () => {
    expect(nearestWord('psuh', ['push', 'status'])).toBeNull();
    expect(nearestWord('pussh', ['push', 'status'])).toBe('push');
    expect(nearestWord('statsu', ['push', 'status'])).toBe('status');
    expect(nearestWord('', ['push'])).toBeNull();
  });
});
