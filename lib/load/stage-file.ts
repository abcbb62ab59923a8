import { AppError } from '../errors.ts';
import type { Figura } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { columnNamesOf, mapColumns } from '../figura/map-columns.ts';
import { isUniqueKey } from '../figura/read-table.ts';
import { FormatFault } from '../formats/format-fault.ts';
import {
  type ArrivingCopy,
  describeFile,
  describeHead,
  type FileDescription,
  type FileHead,
  openCopyRows,
  ReadTooSoonError,
  type SourceFile,
} from '../formats/reader/reader.ts';
import { planChunks } from './chunk-plan.ts';
import { dropStages } from './create-stage.ts';
import { addJobEvent } from './job-record.ts';
import type { Attempt, LoadContext } from './load-context.ts';
import { copyColumnsOf, type LoadPlan, planLoad } from './load-plan.ts';
import { stageInChunks } from './stage-in-chunks.ts';
import { type StagedRows, stageRows } from './stage-rows.ts';
import { watchRows } from './watch-rows.ts';

/** A file whose rows are in the stage. */
export interface StagedFile {
  /** With what was detected: to tell an encoding the whole file is read. */
  file: SourceFile;
  fileColumns: string[];
  plan: LoadPlan;
  staged: StagedRows;
}

// From so many chunks on, by a guess, a file is looked through before: it may be worth dividing.
const MAX_CHUNKS_WHILE_ARRIVING = 1.5;

/**
 * Stages a file while it arrives, by what its first bytes say of the rest. The stage is committed once the file is here
 * and right. Null where the first bytes say too little or were wrong, or where the file may be worth dividing: it is
 * staged once it is here then, and what is wrong with it is told.
 */
export async function stageArriving(context: LoadContext, attempt: Attempt): Promise<StagedFile | null> {
  const { job, progress, readerOptions, arriving } = attempt;
  const { bytes, firstCopy, whole } = arriving;
  if (job.fileFormat === 'parquet' || job.fileFormat === 'json') return null;
  let head: FileHead | null = null;
  try {
    head = await describeHead(arriving.file, bytes, readerOptions);
    if (head === null || head.rowsGuess >= MAX_CHUNKS_WHILE_ARRIVING * context.chunkRows) return null;
    const { columns, rowsGuess, csv } = head;
    const file: SourceFile = csv ? { ...arriving.file, csv } : arriving.file;
    const planned = await planFile(attempt, { columns, rowCount: null });
    await enterStaging(context, attempt);
    const source = { bytes, columnCount: columns.length, whole: firstCopy };
    const staged = await stageWhole(context, attempt, planned.plan, { file, rowCount: rowsGuess, arriving: source });
    await noteDescribed(context, attempt, head);
    return { ...planned, file, staged };
  } catch (error) {
    readerOptions.signal.throwIfAborted();
    const isOfFile = [FormatFault, AppError, ReadTooSoonError].some((kind) => error instanceof kind);
    if (!isOfFile) throw error;
    // A fault of the fetch comes first: what was read may not be the file.
    const { rowsRead } = progress;
    progress.rowsRead = 0;
    await whole;
    if (!(await isSettledWell(firstCopy)) || !(error instanceof FormatFault)) return null;
    progress.rowsRead = rowsRead;
    if (head !== null) await noteDescribed(context, attempt, head);
    throw error;
  }
}

/** Stages a file once it is here. What tells its columns may begin before that. */
export async function stageFetched(context: LoadContext, attempt: Attempt): Promise<StagedFile> {
  const { progress, arriving, readerOptions } = attempt;
  const description = await describeWhole(context, attempt);
  await noteDescribed(context, attempt, description);
  const { csv, chunks, rowCount } = description;
  progress.rowsTotal = rowCount;
  const file: SourceFile = csv ? { ...arriving.file, csv } : arriving.file;
  const planned = await planFile(attempt, description);
  await enterStaging(context, attempt);
  if (!chunks) {
    const staged = await stageWhole(context, attempt, planned.plan, { file, rowCount, arriving: null });
    return { ...planned, file, staged };
  }
  const { pool, workerId, callHelpers, sideLaneBytes, atStep } = context;
  const { plan, fileColumns } = planned;
  const chunkPlan = planChunks(plan, fileColumns, csv ?? null);
  const { signal } = readerOptions;
  const work = { ...attempt, pool, file, workerId, signal, callHelpers, sideLaneBytes, atStep };
  return { file, fileColumns, ...(await stageInChunks({ ...work, plan, chunkPlan, chunks })) };
}

/** CSV and JSON are looked through whole, which is done while they arrive. */
async function describeWhole({ chunkRows }: LoadContext, attempt: Attempt): Promise<FileDescription> {
  const { job, arriving, readerOptions } = attempt;
  const { file, bytes, firstCopy, whole } = arriving;
  const options = { ...readerOptions, chunkRows };
  const isText = job.fileFormat !== 'parquet' && job.fileFormat !== 'avro';
  const early = isText ? describeFile(file, { ...options, arrivingBytes: bytes }) : null;
  // A fault of the fetch comes first.
  early?.catch(() => {});
  await whole;
  const isRight = await isSettledWell(firstCopy);
  return early !== null && isRight ? early : describeFile(file, options);
}

/** Which columns of the table the file fills, and what follows from that. */
async function planFile(
  { job, session }: Attempt,
  described: Pick<FileDescription, 'rowCount'> & Pick<FileHead, 'columns'>,
): Promise<{ plan: LoadPlan; fileColumns: string[] }> {
  const { id: jobId, attempt, options } = job;
  const figura = await loadFigura(session.db, job.figura);
  const hasKey = options.mode !== 'append';
  if (hasKey) requireKey(figura);
  const fileColumns = columnNamesOf(described, figura, options.mapping);
  const mapping = mapColumns(fileColumns, figura, options.mapping, hasKey);
  return { fileColumns, plan: planLoad({ jobId, attempt, figura, mapping, options }) };
}

async function enterStaging({ atStep }: LoadContext, { job, progress, session }: Attempt): Promise<void> {
  await progress.enter('staging');
  await dropStages(session.db, job.id, 0, job.attempt - 1);
  await atStep('staging');
}

/** Stages a file that is not divided. `rowCount` may be a guess: it moves the bar, and no more. */
async function stageWhole(
  context: LoadContext,
  { progress, session, readerOptions }: Attempt,
  plan: LoadPlan,
  source: { file: SourceFile; rowCount: number | null; arriving: ArrivingCopy | null },
): Promise<StagedRows> {
  const { file, rowCount, arriving } = source;
  return stageRows(session, plan, context.sideLaneBytes, () => {
    progress.rowsRead = 0;
    return watchRows(
      openCopyRows(file, copyColumnsOf(plan), readerOptions, null, arriving),
      (row) => {
        progress.rowsRead = row;
        if (rowCount) progress.reach('staging', row / rowCount);
      },
      () => void context.atStep('copying'),
    );
  });
}

/** Tells the job's history how the file was written. */
async function noteDescribed(
  { pool }: LoadContext,
  { job }: Attempt,
  { csv, note }: Pick<FileDescription, 'csv' | 'note'>,
): Promise<void> {
  await addJobEvent(pool, job.id, job.attempt, 'described', {
    writtenAs: note?.format ?? job.fileFormat,
    csv: csv ?? note?.csv ?? null,
  });
}

function isSettledWell(promise: Promise<void>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Without a unique index over the key two rows of the table could answer to one of the file. */
function requireKey(figura: Figura): void {
  const key = figura.keyColumns;
  if (key.length > 0 && isUniqueKey(figura.table, key)) return;
  throw new AppError('key_not_unique', `no unique index on ${key.join(', ')}`, { details: { key: key.join(', ') } });
}
