import { listAll } from '#lib/api-client/create-api-client.ts';
import { formatMoment } from '#lib/i18n/format.ts';
import { UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { formatTable, printable } from '../printable.ts';
import { type Command, connect, type Session } from '../session.ts';

const ACTIONS = ['list', 'create', 'revoke'];
const ROLES = ['viewer', 'operator', 'admin'] as const;

/** Lists, makes and revokes API keys. */
export const keys: Command = {
  spec: {
    positionals: ['ACTION?', 'NAME?'],
    words: ACTIONS,
    options: {
      ...COMMON_OPTIONS,
      role: { type: 'string', values: ROLES },
      figura: { type: 'string', multiple: true },
      expires: { type: 'string' },
    },
  },
  run: async (session) => {
    const { args, messages } = session;
    const [action = 'list', name] = args.positionals;
    if (action === 'list') return listKeys(session);
    if (name === undefined) throw new UsageFault(messages.missingArgument(action === 'create' ? 'NAME' : 'ID'));
    return action === 'create' ? createKey(session, name) : revokeKey(session, name);
  },
};

async function listKeys(session: Session): Promise<number> {
  const { messages, locale, interruption: signal } = session;
  const client = connect(session);
  const all = await Array.fromAsync(listAll((page) => client.listKeys({ ...page, limit: 1000 }, { signal })));
  session.printJson(all);
  const rows = all.map((key) => [
    key.id,
    printable(key.name),
    `${printable(key.prefix)}…${printable(key.lastFour)}`,
    key.role,
    key.figuras.join(', '),
    printable(key.createdBy.name),
    key.lastUsedAt === null ? messages.never : formatMoment(locale, key.lastUsedAt),
    key.revokedAt !== null
      ? messages.revoked
      : key.expiresAt === null
        ? ''
        : messages.expires(formatMoment(locale, key.expiresAt)),
  ]);
  session.print(...formatTable([messages.keysHead, ...rows]));
  return EXIT_CODES.complete;
}

async function createKey(session: Session, name: string): Promise<number> {
  const { args, messages, interruption: signal } = session;
  const expires = args.text('expires');
  if (expires !== undefined && Number.isNaN(Date.parse(expires))) throw new UsageFault(messages.wrongMoment(expires));
  const figuras = args.texts('figura');
  const key = await connect(session).createKey(
    {
      name,
      // The least that is of use to a program that sends files.
      role: (args.text('role') ?? 'operator') as (typeof ROLES)[number],
      figuras: figuras.length > 0 ? figuras : ['*'],
      expiresAt: expires === undefined ? undefined : new Date(expires).toISOString(),
    },
    { signal },
  );
  session.printJson(key);
  // The secret alone goes to stdout: `KEY=$(carga keys create …)`.
  session.print(key.secret);
  session.say(messages.secretOnce(key.id));
  return EXIT_CODES.complete;
}

async function revokeKey(session: Session, id: string): Promise<number> {
  await connect(session).deleteKey(id, { signal: session.interruption });
  session.printJson({ id, revoked: true });
  session.print(`${id}: ${session.messages.revoked}`);
  return EXIT_CODES.complete;
}
