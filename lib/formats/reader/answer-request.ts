import { CopyWriter } from './copy-text.ts';
import type {
  CopyCount,
  CopySummary,
  FileDescription,
  FileFormat,
  FileHead,
  PickedRow,
  ReaderRequest,
} from './protocol.ts';
import { WantedRows } from './wanted-rows.ts';

type Asked<Kind> = Extract<ReaderRequest, { kind: Kind }>;

// Each format brings libraries that take 50–150 ms to load, as long as a small file takes to read: only the ones
// that are needed are loaded.
const parquetReader = () => import('./parquet-reader.ts');
const avroReader = () => import('./avro-reader.ts');
const textReader = () => import('./text-reader.ts');

/** Loads what a format needs. */
export function loadReader(format: FileFormat): Promise<unknown> {
  if (format === 'parquet') return parquetReader();
  return format === 'avro' ? avroReader() : textReader();
}

/** Does what the parent asked for and returns the answer. */
export async function answerRequest(request: ReaderRequest): Promise<unknown> {
  switch (request.kind) {
    case 'head':
      return describeHead(request);
    case 'describe':
      return describe(request);
    case 'copy': {
      const count = await copy(request);
      if (count === null) return null;
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
      return { ...count, cpuSeconds, peakMemoryBytes: maxRSS * 1024 } satisfies CopySummary;
    }
    case 'pick':
      return writePicked(request);
    case 'restore': {
      const { restore } = await import('./restore.ts');
      return restore(request.file, request.to, request.outputPath, request.limits);
    }
  }
}

/** Null where the first bytes do not say enough. */
async function describeHead({ file, arrivingBytes }: Asked<'head'>): Promise<FileHead | null> {
  if (file.format === 'avro') return (await avroReader()).describeAvroHead(file.path, arrivingBytes);
  if (file.format === 'parquet' || file.format === 'json') return null;
  return (await textReader()).describeTextHead(file, arrivingBytes);
}

async function describe({ file, limits, chunkRows, arrivingBytes }: Asked<'describe'>): Promise<FileDescription> {
  if (file.format === 'parquet') return (await parquetReader()).describeParquet(file.path, limits, chunkRows);
  if (file.format === 'avro') return (await avroReader()).describeAvro(file.path, chunkRows);
  return (await textReader()).describeText(file, chunkRows, arrivingBytes);
}

/** Null where a file that was still arriving is not what its first bytes said. */
async function copy({ file, columns, pipePath, limits, part, arriving }: Asked<'copy'>): Promise<CopyCount | null> {
  if (file.format === 'parquet') return (await parquetReader()).copyParquet(file.path, columns, pipePath, limits, part);
  if (file.format === 'avro') {
    return (await avroReader()).copyAvro(file.path, columns, pipePath, limits, part, arriving?.bytes);
  }
  return (await textReader()).copyText(file, columns, pipePath, limits, part, arriving);
}

async function pick(request: Asked<'pick'>, wanted: WantedRows): Promise<AsyncGenerator<PickedRow>> {
  const { file, columns, limits } = request;
  if (file.format === 'parquet') return (await parquetReader()).pickParquet(file.path, columns, wanted, limits);
  if (file.format === 'avro') return (await avroReader()).pickAvro(file.path, columns, wanted);
  return (await textReader()).pickText(file, columns, wanted);
}

/** Writes the rows as COPY text, so that nobody in between has to hold or understand them. */
async function writePicked(request: Asked<'pick'>): Promise<null> {
  const writer = new CopyWriter(request.outputPath);
  const wanted = new WantedRows(request.wantedPath);
  for await (const { row, dataJson, judged } of await pick(request, wanted)) {
    const { cells, faults } = judged ?? {};
    writer.write(row, [dataJson, cells ? JSON.stringify(cells) : null, faults ? JSON.stringify(faults) : null]);
  }
  wanted.close();
  writer.close();
  return null;
}
