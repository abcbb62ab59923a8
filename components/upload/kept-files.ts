import type { ReadableSink } from './written-bytes.ts';

/** Folder of the origin's private file system that holds what was converted, until it was sent or given up. */
const FOLDER = 'carga';

/** What browsers have in workers only, and TypeScript in its library for workers. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  read(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** Begins a file of that name; null where the browser keeps none (private windows, pages without TLS). */
export async function openKeptSink(name: string): Promise<ReadableSink | null> {
  try {
    const folder = await keptFolder();
    const file = await folder.getFileHandle(name, { create: true });
    const { createSyncAccessHandle } = file as unknown as { createSyncAccessHandle(): Promise<SyncAccessHandle> };
    const handle = await createSyncAccessHandle.call(file);
    handle.truncate(0);
    let at = 0;
    return {
      async write(bytes) {
        while (bytes.length > 0) {
          const written = handle.write(bytes, { at });
          if (written === 0) throw new DOMException('The disk takes no more.', 'QuotaExceededError');
          at += written;
          bytes = bytes.subarray(written);
        }
      },
      read(from, size) {
        const bytes = new Uint8Array(size);
        handle.read(bytes, { at: from });
        return bytes;
      },
      async close() {
        handle.close();
      },
    };
  } catch {
    return null;
  }
}

/** A kept file; null if it is not there any more. */
export async function readKept(name: string): Promise<File | null> {
  try {
    const file = await (await keptFolder()).getFileHandle(name);
    return await file.getFile();
  } catch {
    return null;
  }
}

/** Removes a kept file; that it is gone already is fine. */
export async function dropKept(name: string): Promise<void> {
  try {
    await (await keptFolder()).removeEntry(name);
  } catch {
    // Gone, or still being written by a worker that was just ended: cleared when the page is opened the next time.
  }
}

/** Removes what no page uses and no interrupted upload needs. */
export async function clearKept(needed: ReadonlySet<string>): Promise<void> {
  try {
    const folder = (await keptFolder()) as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };
    for await (const name of folder.keys()) {
      if (needed.has(name)) continue;
      await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? dropKept(name) : undefined));
    }
  } catch {
    // No file system of its own, or none of the names: nothing to clear.
  }
}

/** Says to other tabs that a file is in use, until the function it gives is called. */
export function holdKept(name: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Absent where the page came without TLS: there nothing is kept either.
  void navigator.locks?.request(name, () => promise).catch(() => {});
  return resolve;
}

/** Names that some tab holds. */
export async function heldNames(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => name ?? []));
}

async function keptFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}
