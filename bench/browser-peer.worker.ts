import { gzipSync } from 'fflate';
import { type BasicType, ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { CsvScanner } from '#lib/formats/csv-scanner.ts';
import { detectCsv } from '#lib/formats/detect-csv.ts';
import type { RowBatch } from '#lib/formats/row-batch.ts';

/** What the page asks of the peer. */
export interface PeerRequest {
  file: File;
  codec: 'SNAPPY' | 'GZIP';
}

/** Its own group size; more at once only takes more memory. */
const GROUP_ROWS = 100_000;

/** Beside its own SNAPPY; the level is the one that Carga compresses with. */
const COMPRESSORS = { GZIP: (bytes: Uint8Array) => gzipSync(bytes, { level: 4 }) };

const TEXT: BasicType = 'STRING';

self.onmessage = ({ data }: MessageEvent<PeerRequest>) => void convert(data).then((done) => self.postMessage(done));

/** hyparquet-writer with its own defaults, fed by the same scanner with the same pieces of the same file. */
async function convert({ file, codec }: PeerRequest): Promise<{ rows: number; bytes: Blob }> {
  const csv = detectCsv(new Uint8Array(await file.slice(0, 64 << 10).arrayBuffer()));
  const scanner = new CsvScanner(csv);
  const writer = new ByteWriter();
  let parquet: ParquetWriter | null = null;
  let columns: (string | null)[][] = [];
  const endGroup = () => {
    const columnData: ColumnSource[] = scanner.columns.map((name, index) => ({ name, data: columns[index] ?? [] }));
    parquet ??= new ParquetWriter({
      writer,
      codec,
      schema: schemaFromColumnData({ columnData: columnData.map((column) => ({ ...column, type: TEXT })) }),
      compressors: COMPRESSORS,
    });
    void parquet.write({ columnData, rowGroupSize: GROUP_ROWS });
    columns = [];
  };
  const take = (batch: RowBatch) => {
    if (columns.length === 0) columns = batch.cells.map(() => []);
    for (const [index, cells] of batch.cells.entries()) for (const cell of cells) columns[index]?.push(cell);
    if ((columns[0]?.length ?? 0) >= GROUP_ROWS) endGroup();
  };
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (const batch of scanner.feed(value)) take(batch);
  }
  for (const batch of scanner.finish()) take(batch);
  if (columns.length > 0) endGroup();
  (parquet as ParquetWriter | null)?.finish();
  return { rows: scanner.rowCount, bytes: new Blob([writer.getBuffer()]) };
}
