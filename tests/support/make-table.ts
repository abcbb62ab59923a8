import type { LoadHarness, LoadOutcome } from './load-harness.ts';

/** A table that can be loaded. */
export interface LoadableTable {
  /** `t.<name>`. */
  name: string;
  /** Loads rows as NDJSON; `faults` are `row code` of what needs a word. */
  load(rows: object[], options?: Parameters<LoadHarness['load']>[2]): Promise<LoadOutcome & { faults: string[] }>;
}

/** Gives a function that makes tables in the schema `t` by their definition, `@` standing for their name. */
export function tableMaker(harness: LoadHarness) {
  let count = 0;
  return async (definition: string, key: string[] = ['id']): Promise<LoadableTable> => {
    const name = `t${++count}`;
    await harness.pool.query(definition.replaceAll('@', `t.${name}`));
    await harness.register(name, `t.${name}`, { key });
    return {
      name: `t.${name}`,
      load: async (rows, options = {}) => {
        const bytes = rows.map((row) => JSON.stringify(row)).join('\n');
        const outcome = await harness.load(name, { bytes, format: 'ndjson' }, options);
        return { ...outcome, faults: outcome.stage.map(({ row, faults: [fault] }) => `${row} ${fault?.code}`) };
      },
    };
  };
}
