import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { foreignFiles } from './foreign-parquet.ts';
import { nestedFiles } from './nested-parquet.ts';

// node tests/support/write-golden-files.ts — what is expected of each file stands beside it and is written by hand.

for (const [name, bytesOf] of Object.entries({ ...foreignFiles, ...nestedFiles })) {
  writeFileSync(path.join('tests', 'fixtures', 'golden', `${name}.parquet`), bytesOf());
}
