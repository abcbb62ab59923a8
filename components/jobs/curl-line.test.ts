import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlLine } from './curl-line.ts';

test('a shell passes on exactly the request, whatever the file is called', () => {
  const url = `s3://carga/it's $(touch x) "a\\b" \`y\`.parquet`;
  const line = curlLine(
    {
      figura: 'fornecedores',
      file: { url, name: 'x', size: 1, format: 'parquet', etag: 'e', sha256: null },
      options: { mode: 'merge', onError: 'abort', maxErrors: null, mapping: {}, csv: {} },
      dryRun: false,
    },
    'http://localhost:3000',
  );
  // printf in curl's place prints what curl would get as its last argument.
  const script = `curl() { for last; do :; done; printf %s "$last"; }\n${line}`;
  const sent = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(JSON.parse(sent)).toEqual({ url, format: 'parquet', onError: 'abort', force: true });
});
