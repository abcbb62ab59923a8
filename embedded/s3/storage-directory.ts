import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directory-lock.ts';
import { PRIVATE_DIRECTORY_MODE, replaceFile, syncDirectory } from './durable-files.ts';

// Raised when the files change in a way that an older or newer server would misread.
const FORMAT = 'carga-s3 1\n';

/**
 * The folders of one server:
 * `buckets/<bucket>/<hash of key>.json` one small file per object, its rename into place is the commit;
 * `data/<id>` bytes, written once and never changed, named by the small files;
 * `uploads/<id>/` multipart uploads that are under way; `incoming/` whatever is not yet whole.
 */
export interface StorageDirectory {
  readonly buckets: string;
  readonly data: string;
  readonly uploads: string;
  /** A path for a file that is being written; what is left there by a crash is removed at the next start. */
  temporaryPath(): string;
  /** Lets another server use the directory. */
  release(): Promise<void>;
}

/** Prepares a directory, locks it, and removes what a killed server left half-written. */
export async function openStorageDirectory(directory: string): Promise<StorageDirectory> {
  await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  const release = await lockDirectory(directory);
  try {
    const incoming = join(directory, 'incoming');
    const storage = {
      buckets: join(directory, 'buckets'),
      data: join(directory, 'data'),
      uploads: join(directory, 'uploads'),
      temporaryPath: () => join(incoming, randomUUID()),
      release,
    };
    await checkFormat(directory);
    await rm(incoming, { recursive: true, force: true });
    for (const path of [incoming, storage.buckets, storage.data, storage.uploads]) {
      await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
    }
    await replaceFile(storage.temporaryPath(), join(directory, 'format'), FORMAT);
    await syncDirectory(directory);
    return storage;
  } catch (error) {
    await release();
    throw error;
  }
}

/** Refuses a folder that holds something else, before anything in it is removed. */
async function checkFormat(directory: string): Promise<void> {
  let format: string;
  try {
    format = await readFile(join(directory, 'format'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // A first start that was killed may have left its own empty folders, and nothing else.
    const ours = new Set(['incoming', 'buckets', 'data', 'uploads']);
    const foreign = (await readdir(directory)).filter((name) => !ours.has(name));
    if (foreign.length > 0) throw new Error(`${directory} is not empty and was not made by this S3 server`);
    return;
  }
  if (format !== FORMAT) throw new Error(`${directory} was written by another version of the S3 server`);
}
