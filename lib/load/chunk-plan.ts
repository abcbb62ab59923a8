import { createHash } from 'node:crypto';
import type { CsvOptions, FileChunk } from '../formats/reader/reader.ts';
import type { StagePlan } from './load-plan.ts';

/** Raised whenever chunks staged by an older version of this program may not be mixed with this one's. */
const VERSION = 1;

/** How the chunks of a file are staged. It travels as JSON: a helper does as the attempt that made it would. */
export interface ChunkPlan extends StagePlan {
  version: number;
  /** Names of the file's columns, in its order. */
  fileColumns: string[];
  /** As detected and overridden; null unless the file is CSV. */
  csv: CsvOptions | null;
}

/** Makes the plan that travels. */
export function planChunks(plan: StagePlan, fileColumns: string[], csv: CsvOptions | null): ChunkPlan {
  return { version: VERSION, columns: plan.columns, opSource: plan.opSource, fileColumns, csv };
}

/** Whether this version of the program stages as the plan says. */
export function canFollow(plan: ChunkPlan): boolean {
  return plan.version === VERSION;
}

/** Equal only if the same rows would be staged in the same way into the same tables. */
export function hashChunkPlan(plan: ChunkPlan, chunks: readonly FileChunk[]): string {
  return createHash('sha256')
    .update(JSON.stringify([plan, chunks]))
    .digest('hex');
}
