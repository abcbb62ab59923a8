import 'server-only';
import { recordAudit } from '../access/audit.ts';
import { type Caller, visibleFiguras } from '../access/caller.ts';
import type { Prisma } from '../db/generated/client.ts';
import { AppError } from '../errors.ts';
import { type Figura, isRequired, RESERVED_FIGURA_NAMES, type TableDescription } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { fileTypesOf } from '../figura/file-types.ts';
import { isUniqueKey, parseTableName, readTable } from '../figura/read-table.ts';
import type { Services } from '../services.ts';
import { statusPath } from './job-dto.ts';
import type { ChangeFiguraDto, CreateFiguraDto, FiguraDto } from './schemas.ts';

type LastJob = { id: string; status: string; result: string | null; createdAt: Date };

function toFiguraDto(figura: Figura, lastJob: LastJob | undefined, services: Services): FiguraDto {
  const { env } = services;
  const keys = new Set(figura.keyColumns);
  return {
    name: figura.name,
    title: figura.title,
    table: `${figura.table.schemaName}.${figura.table.tableName}`,
    key: figura.keyColumns,
    opColumn: figura.opColumn,
    onError: figura.onError,
    maxErrors: figura.maxErrors,
    unknownColumns: figura.unknownColumns,
    requiredColumns: figura.requiredColumns,
    mapping: figura.mapping,
    limits: {
      maxFileBytes: Math.min(env.MAX_FILE_BYTES, figura.maxFileBytes ?? Number.POSITIVE_INFINITY),
      maxDeleteRatio: figura.maxDeleteRatio,
    },
    columns: figura.table.columns
      .filter((column) => !column.isGenerated)
      .map((column) => ({
        name: column.name,
        type: column.type,
        required: isRequired(column) || figura.requiredColumns.includes(column.name),
        key: keys.has(column.name),
        default: column.default,
        description: column.description,
        ...fileTypesOf(column),
      })),
    lastJob: lastJob
      ? ({
          id: lastJob.id,
          status: lastJob.status,
          result: lastJob.result,
          createdAt: lastJob.createdAt.toISOString(),
          url: env.PUBLIC_URL + statusPath(figura.name, lastJob.id),
        } as FiguraDto['lastJob'])
      : null,
    createdAt: figura.createdAt.toISOString(),
    updatedAt: figura.updatedAt.toISOString(),
  };
}

/** A figura as the wire carries it. @throws AppError `figura_not_found` */
export async function describeFigura(services: Services, name: string): Promise<FiguraDto> {
  const figura = await loadFigura(services.pool, name);
  const { rows } = await services.pool.query(
    `select id, status, result, created_at as "createdAt" from carga.jobs where figura = $1
      order by created_at desc, id desc limit 1`,
    [name],
  );
  return toFiguraDto(figura, rows[0], services);
}

/** Figuras the caller was given, by name; one whose table is gone is left out rather than hiding all others. */
export async function listFiguras(
  services: Services,
  caller: Caller,
  page: { after: string; limit: number },
): Promise<{ items: FiguraDto[]; names: string[] }> {
  const visible = visibleFiguras(caller);
  const { rows } = await services.pool.query(
    `select name from carga.figuras where name > $1 and ($2::text[] is null or name = any($2)) order by name limit $3`,
    [page.after, visible, page.limit + 1],
  );
  const names: string[] = rows.map(({ name }) => name);
  const items = await Promise.all(
    names.slice(0, page.limit).map((name) =>
      describeFigura(services, name).catch((error: unknown) => {
        if (error instanceof AppError && (error.code === 'table_not_found' || error.code === 'table_not_supported')) {
          return null;
        }
        throw error;
      }),
    ),
  );
  return { items: items.filter((item) => item !== null), names };
}

function checkKey(table: TableDescription, key: readonly string[]): void {
  const names = new Set(table.columns.map(({ name }) => name));
  const missing = key.find((name) => !names.has(name));
  if (missing !== undefined) {
    throw new AppError('key_not_found_in_table', `no column ${missing}`, { details: { column: missing } });
  }
  if (key.length > 0 && !isUniqueKey(table, key)) {
    throw new AppError('key_not_unique', `no unique index on ${key.join(', ')}`, { details: { key: key.join(', ') } });
  }
}

function checkRequired(table: TableDescription, required: readonly string[]): void {
  const names = new Set(table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name));
  const missing = required.find((name) => !names.has(name));
  if (missing === undefined) return;
  throw new AppError('column_not_found_in_table', `no column ${missing}`, { details: { column: missing } });
}

/** A mapping that no file could follow is refused where it is written, not at the first load. */
function checkMapping(table: TableDescription, opColumn: string, mapping: Readonly<Record<string, string>>): void {
  const targets = new Set([...table.columns.map(({ name }) => name), opColumn]);
  const taken = new Map<string, string>();
  for (const [source, target] of Object.entries(mapping)) {
    if (!targets.has(target)) {
      throw new AppError('unknown_mapping', `the table has no column ${target}`, { details: { column: target } });
    }
    const first = taken.get(target);
    if (first !== undefined) {
      throw new AppError('duplicate_mapping', `${first} and ${source} both fill ${target}`, {
        details: { column: target, first, second: source },
      });
    }
    taken.set(target, source);
  }
}

const DEFAULT_OP_COLUMN = 'op';

/** Registers a figura over a table that exists. @throws AppError `table_not_found`, `key_not_unique`, `figura_exists` … */
export async function createFigura(services: Services, caller: Caller, request: CreateFiguraDto): Promise<FiguraDto> {
  const { pool, prisma } = services;
  if (RESERVED_FIGURA_NAMES.has(request.name)) {
    throw new AppError('reserved_name', `${request.name} is a route of its own`, { details: { name: request.name } });
  }
  const { schemaName, tableName } = parseTableName(request.table);
  const table = await readTable(pool, schemaName, tableName);
  const keyColumns = request.key ?? table.primaryKey;
  checkKey(table, keyColumns);
  checkMapping(table, request.opColumn ?? DEFAULT_OP_COLUMN, request.mapping ?? {});
  checkRequired(table, request.requiredColumns ?? []);
  const created = prisma.$transaction(async (tx) => {
    const existing = await tx.figura.findUnique({ where: { name: request.name } });
    if (existing) throw figuraExists(request.name);
    await tx.figura.create({
      data: {
        name: request.name,
        title: request.title ?? request.name,
        schemaName,
        tableName,
        keyColumns: [...keyColumns],
        opColumn: request.opColumn,
        onError: request.onError,
        maxErrors: request.maxErrors,
        maxFileBytes: request.maxFileBytes,
        maxDeleteRatio: request.maxDeleteRatio,
        unknownColumns: request.unknownColumns,
        requiredColumns: request.requiredColumns,
        mapping: request.mapping,
      },
    });
    await recordAudit(tx, caller, {
      action: 'figura.created',
      target: `figura:${request.name}`,
      after: { ...request },
    });
  });
  // Two requests at once: the second finds the name taken only when it writes.
  await created.catch((error: unknown) => {
    throw (error as { code?: unknown }).code === 'P2002' ? figuraExists(request.name) : error;
  });
  return describeFigura(services, request.name);
}

function figuraExists(name: string): AppError {
  return new AppError('figura_exists', `figura ${name} exists`, { details: { name } });
}

/** Changes a figura's settings. @throws AppError as `createFigura` */
export async function changeFigura(
  services: Services,
  caller: Caller,
  name: string,
  change: ChangeFiguraDto,
): Promise<FiguraDto> {
  const { pool, prisma } = services;
  const before = await prisma.figura.findUnique({ where: { name } });
  if (!before) throw new AppError('figura_not_found', `no figura ${name}`, { details: { name } });
  const { table: tableText, key, ...settings } = change;
  const place = tableText === undefined ? before : parseTableName(tableText);
  const table = await readTable(pool, place.schemaName, place.tableName);
  const keyColumns = key ?? (tableText === undefined ? before.keyColumns : table.primaryKey);
  checkKey(table, keyColumns);
  const mapping = change.mapping ?? (before.mapping as Record<string, string>);
  checkMapping(table, change.opColumn ?? before.opColumn, mapping);
  checkRequired(table, change.requiredColumns ?? before.requiredColumns);
  await prisma.$transaction(async (tx) => {
    await tx.figura.update({
      where: { name },
      data: { ...settings, schemaName: place.schemaName, tableName: place.tableName, keyColumns: [...keyColumns] },
    });
    await recordAudit(tx, caller, {
      action: 'figura.changed',
      target: `figura:${name}`,
      before: asJson(before),
      after: { ...change },
    });
  });
  return describeFigura(services, name);
}

/** A row as JSON holds it: its limits are far below 2^53. */
function asJson(row: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
}

// The history of a figura goes with it, and that can be a million jobs.
const REMOVE_TIMEOUT_MS = 120_000;

/** Removes a registration with its history; the table stays as it is. */
export async function removeFigura(services: Services, caller: Caller, name: string): Promise<void> {
  const { prisma } = services;
  await prisma.$transaction(
    async (tx) => {
      const before = await tx.figura.findUnique({ where: { name } });
      const { count } = await tx.figura.deleteMany({ where: { name } });
      if (!before || count === 0) throw new AppError('figura_not_found', `no figura ${name}`, { details: { name } });
      await recordAudit(tx, caller, { action: 'figura.removed', target: `figura:${name}`, before: asJson(before) });
    },
    { timeout: REMOVE_TIMEOUT_MS },
  );
}
