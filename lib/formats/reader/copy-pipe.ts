import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import path from 'node:path';

/** Where a pipe of the reader ends: a name in the file system for the child, a stream for the parent. */
export interface CopyPipe {
  path: string;
  stream: Socket;
  /** Lets the stream end once what was written has been read. */
  closeWriteEnd(): void;
  /** Removes the name; the stream goes on. */
  unlink(): void;
}

/**
 * Makes a FIFO. It is opened for reading without waiting, so that a reader that dies early hangs nobody, and for
 * writing by us as well: the stream ends when the child is known to be gone, not when nobody happens to have it open.
 */
export function createCopyPipe(tempDirectory: string): CopyPipe {
  const pipePath = path.join(path.resolve(tempDirectory), `rows-${randomUUID()}.pipe`);
  execFileSync('mkfifo', ['-m', '600', pipePath], { stdio: 'ignore' });
  let writeEnd: number | null = null;
  try {
    const readEnd = openSync(pipePath, constants.O_RDONLY | constants.O_NONBLOCK);
    writeEnd = openSync(pipePath, constants.O_WRONLY | constants.O_NONBLOCK);
    const options: SocketConstructorOpts = { fd: readEnd, readable: true, writable: false };
    return {
      path: pipePath,
      stream: new Socket(options),
      closeWriteEnd: () => {
        if (writeEnd !== null) closeSync(writeEnd);
        writeEnd = null;
      },
      unlink: () => rmSync(pipePath, { force: true }),
    };
  } catch (error) {
    rmSync(pipePath, { force: true });
    throw error;
  }
}
