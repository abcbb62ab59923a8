import { FormatFault } from '../format-fault.ts';
import { copyParquet, describeParquet, pickParquet } from './parquet-reader.ts';
import type { CopySummary, PickedRow, ReaderRequest } from './protocol.ts';

/** Does what the parent asked for and returns the answer; rows go out one by one. */
export async function answerRequest(
  request: ReaderRequest,
  sendRow: (row: PickedRow) => Promise<void>,
): Promise<unknown> {
  const { file, limits } = request;
  if (file.format !== 'parquet') throw new FormatFault('unsupported_type', `${file.format} is not read yet.`);
  switch (request.kind) {
    case 'describe':
      return describeParquet(file.path, limits);
    case 'copy': {
      const count = await copyParquet(file.path, request.columns, request.pipePath, limits);
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const summary: CopySummary = {
        ...count,
        cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
        peakMemoryBytes: maxRSS * 1024,
      };
      return summary;
    }
    case 'pick':
      for await (const row of pickParquet(file.path, request.columns, request.rowNumbers, limits)) await sendRow(row);
      return null;
    case 'restore':
      throw new FormatFault('unsupported_type', 'not yet');
  }
}
