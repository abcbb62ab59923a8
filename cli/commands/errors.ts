import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { routeUrl } from '#lib/api-client/send-request.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { connectToJob, JOB_OPTIONS } from '../job-argument.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import type { Command } from '../session.ts';

const FORMATS = ['csv', 'ndjson', 'json', 'parquet'];

/** Downloads the rejected rows of a job: to a file, or to stdout. */
export const errors: Command = {
  spec: {
    positionals: ['ID', 'OUT?'],
    options: { ...COMMON_OPTIONS, ...JOB_OPTIONS, format: { type: 'string', values: FORMATS } },
  },
  run: async (session) => {
    const { args, interruption: signal } = session;
    const { client, figura, id } = await connectToJob(session);
    const output = args.positionals[1] ?? '-';
    const ending = output.split('.').at(-1)?.toLowerCase() ?? '';
    const format = args.text('format') ?? (FORMATS.includes(ending) ? ending : 'csv');
    const path = `/api/${encodeURIComponent(figura)}/_bulk/status/${id}/errors`;
    const response = await client.download(routeUrl('', path, { format }), { signal });
    const source = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    if (output === '-') {
      await pipeline(source, session.stdout, { signal, end: false });
      return EXIT_CODES.complete;
    }
    // A file that is there already is replaced once the new one is whole.
    const partial = `${output}.part`;
    try {
      await pipeline(source, createWriteStream(partial), { signal });
      await rename(partial, output);
    } finally {
      await rm(partial, { force: true });
    }
    session.printJson({ id, figura, output, format });
    session.print(output);
    return EXIT_CODES.complete;
  },
};
