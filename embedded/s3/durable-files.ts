import { open, rename, rm } from 'node:fs/promises';

// Nobody but the account that runs the server may read what was uploaded.
const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_DIRECTORY_MODE = 0o700;

/** Makes the names in a directory (created, renamed, removed) survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory for fsync; NTFS journals names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and forces its bytes to the disk; a file that cannot be written whole is removed. */
export async function writeFileSynced(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', PRIVATE_FILE_MODE);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
  await handle.close();
}

/** Replaces a small file at once: a reader or a crash sees the old content or the new, never a mixture. */
export async function replaceFile(temporaryPath: string, path: string, content: string): Promise<void> {
  await writeFileSynced(temporaryPath, content);
  try {
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
}
