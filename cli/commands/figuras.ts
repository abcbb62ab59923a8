import type { FiguraDto } from '#lib/api/schemas.ts';
import { listAll } from '#lib/api-client/create-api-client.ts';
import { formatMoment } from '#lib/i18n/format.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { formatTable, printable } from '../printable.ts';
import { type Command, connect, type Session } from '../session.ts';

/** A default may be a whole expression. */
const DEFAULT_LENGTH = 40;

/** Lists figuras, or shows one. */
export const figuras: Command = {
  spec: { positionals: ['NAME?'], options: COMMON_OPTIONS },
  run: async (session) => {
    const client = connect(session);
    const signal = session.interruption;
    const [name] = session.args.positionals;
    if (name === undefined) {
      const all = await Array.fromAsync(listAll((page) => client.listFiguras({ ...page, limit: 1000 }, { signal })));
      session.printJson(all);
      if (all.length === 0) session.say(session.messages.noFiguras);
      else
        session.print(...formatTable([session.messages.figurasHead, ...all.map((figura) => summary(session, figura))]));
    } else {
      const figura = await client.getFigura(name, { signal });
      session.printJson(figura);
      printFigura(session, figura);
    }
    return EXIT_CODES.complete;
  },
};

function summary({ locale, messages }: Session, figura: FiguraDto): string[] {
  const { lastJob } = figura;
  return [
    figura.name,
    printable(figura.title),
    printable(figura.table),
    figura.key.map((column) => printable(column)).join(', '),
    lastJob === null ? messages.noJob : `${formatMoment(locale, lastJob.createdAt)} ${messages.status(lastJob.status)}`,
  ];
}

function printFigura({ messages, print }: Session, figura: FiguraDto): void {
  print(`${figura.name} · ${printable(figura.title)} · ${printable(figura.table)}`, '');
  const rows = figura.columns.map((column) => [
    printable(column.name),
    printable(column.type),
    column.required ? messages.yes : '',
    column.key ? messages.yes : '',
    column.default === null ? '' : printable(column.default, DEFAULT_LENGTH),
  ]);
  print(...formatTable([messages.columnsHead, ...rows]));
}
