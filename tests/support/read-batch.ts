import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FormatFault } from '#lib/formats/format-fault.ts';
import { answerRequest } from '#lib/formats/reader/answer-request.ts';
import type { CopyCount, FileDescription, SourceFile } from '#lib/formats/reader/protocol.ts';

// A reader that answers for one file after the other, each a line of JSON on stdin: a process for each of thousands
// would take a hundred times as long. It may crash; see mutated-files.test.ts for who notices.

const limits = { memoryLimitBytes: 512 << 20, maxRows: 100_000, maxOutputBytes: 64 << 20 };

/** What reading the whole file came to: a code, or what its rows are. */
async function read(file: SourceFile): Promise<string> {
  const out = `${file.path}.rows`;
  try {
    const { columns } = (await answerRequest({ kind: 'describe', file, limits, chunkRows: null })) as FileDescription;
    const asked = columns.map(({ name }) => ({ source: name, target: 'text' as const }));
    const request = { kind: 'copy', file, limits, columns: asked, pipePath: out, part: null } as const;
    const { rowCount, withheldRows } = (await answerRequest(request)) as CopyCount;
    const lines = readFileSync(out, 'latin1').split('\n').slice(0, -1);
    const isWhole =
      lines.length === rowCount - withheldRows && lines.every((line) => line.split('\t').length === columns.length + 1);
    if (!isWhole) return `broken: ${lines.length} of ${rowCount} rows, ${withheldRows} withheld`;
    const names = JSON.stringify(columns);
    return `read ${createHash('sha256').update(names).digest('hex')} ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
  } catch (error) {
    if (error instanceof FormatFault) return `fault ${error.code}`;
    return `broken: ${error instanceof Error ? error.stack : error}`;
  } finally {
    rmSync(out, { force: true });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await read(JSON.parse(line) as SourceFile);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
