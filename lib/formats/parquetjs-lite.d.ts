// The parts of parquetjs-lite that the writer touches; the package brings no types.
declare module 'parquetjs-lite/lib/schema.js' {
  export interface ParquetField {
    name: string;
    path: string[];
  }
  export class ParquetSchema {
    constructor(
      fields: Record<
        string,
        { type: 'UTF8'; optional: boolean; compression: 'GZIP' | 'SNAPPY' | 'UNCOMPRESSED'; statistics: false }
      >,
    );
    fieldList: ParquetField[];
    fields: Record<string, ParquetField>;
  }
}

declare module 'parquetjs-lite/lib/codec/index.js' {
  export interface ParquetCodec {
    encodeValues?: (type: string, values: unknown, options: object) => Uint8Array;
  }
  const codecs: { PLAIN: ParquetCodec; RLE: ParquetCodec };
  export default codecs;
}

declare module 'parquetjs-lite/lib/compression.js' {
  const compression: {
    PARQUET_COMPRESSION_METHODS: { GZIP: { deflate: (page: Uint8Array) => Uint8Array } };
  };
  export default compression;
}

declare module 'parquetjs-lite/lib/writer.js' {
  import type { ParquetSchema } from 'parquetjs-lite/lib/schema.js';

  export interface ColumnData {
    dlevels: { push(): void; length: number };
    rlevels: number[];
    values: { push(): void };
    distinct_values: Set<unknown>;
    count: number;
  }
  export interface RowBuffer {
    rowCount: number;
    pageRowCount: number;
    columnData: Record<string, ColumnData>;
    pages: Record<string, unknown[]>;
  }
  export interface RowGroup {
    total_byte_size: number;
    columns: { meta_data: { total_compressed_size: number } }[];
  }
  export interface OutputStream {
    write(bytes: Uint8Array, done: (error?: unknown) => void): void;
    end(done: (error?: unknown) => void): void;
  }
  export class ParquetWriter {
    static openStream(
      schema: ParquetSchema,
      stream: OutputStream,
      options: { useDataPageV2: boolean; rowGroupSize: number; pageSize: number; pageIndex: boolean },
    ): Promise<ParquetWriter>;
    rowBuffer: RowBuffer | Record<string, never>;
    envelopeWriter: { rowGroups: RowGroup[] };
    setRowGroupSize(rowCount: number): void;
    setMetadata(key: string, value: string): void;
    appendRow(row: Record<string, string>): Promise<void>;
    close(): Promise<void>;
  }
}
