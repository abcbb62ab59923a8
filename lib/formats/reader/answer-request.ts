import { copyAvro, describeAvro, pickAvro } from './avro-reader.ts';
import { copyParquet, describeParquet, pickParquet } from './parquet-reader.ts';
import type { CopyCount, CopySummary, FileDescription, PickedRow, ReaderRequest } from './protocol.ts';
import { restore } from './restore.ts';
import { copyText, describeText, pickText } from './text-reader.ts';

type Asked<Kind> = Extract<ReaderRequest, { kind: Kind }>;

/** Does what the parent asked for and returns the answer; rows go out one by one. */
export async function answerRequest(
  request: ReaderRequest,
  sendRow: (row: PickedRow) => Promise<void>,
): Promise<unknown> {
  switch (request.kind) {
    case 'describe':
      return describe(request);
    case 'copy': {
      const count = await copy(request);
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
      return { ...count, cpuSeconds, peakMemoryBytes: maxRSS * 1024 } satisfies CopySummary;
    }
    case 'pick':
      for await (const row of pick(request)) await sendRow(row);
      return null;
    case 'restore':
      return restore(request.file, request.to, request.outputPath, request.limits);
  }
}

function describe({ file, limits }: Asked<'describe'>): Promise<FileDescription> {
  if (file.format === 'parquet') return describeParquet(file.path, limits);
  return file.format === 'avro' ? describeAvro(file.path) : describeText(file);
}

function copy({ file, columns, pipePath, limits }: Asked<'copy'>): Promise<CopyCount> {
  if (file.format === 'parquet') return copyParquet(file.path, columns, pipePath, limits);
  if (file.format === 'avro') return copyAvro(file.path, columns, pipePath, limits);
  return copyText(file, columns, pipePath, limits);
}

function pick({ file, columns, rowNumbers, limits }: Asked<'pick'>): AsyncGenerator<PickedRow> {
  if (file.format === 'parquet') return pickParquet(file.path, columns, rowNumbers, limits);
  return file.format === 'avro' ? pickAvro(file.path, columns, rowNumbers) : pickText(file, columns, rowNumbers);
}
