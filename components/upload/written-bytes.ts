import type { ByteSink } from '#lib/formats/parquet-writer.ts';

/** A sink that can be read where it was written. */
export interface ReadableSink extends ByteSink {
  read(from: number, size: number): Uint8Array<ArrayBuffer>;
}

interface Range {
  from: number;
  size: number;
}

interface Answer extends Range {
  blob: Blob;
}

/**
 * The bytes of a file that a worker is still writing, asked for from the page. The file itself cannot be opened
 * meanwhile, and what the worker handed out unasked would pile up before a slow line.
 */
export class WrittenBytes {
  readonly #channel = new MessageChannel();
  readonly #end = Promise.withResolvers<Blob | null>();

  /** For the worker, once: `handOutBytes` answers there. */
  get port(): MessagePort {
    return this.#channel.port2;
  }

  /** Says that everything was written: from here on it is read from `whole`; null where there is nothing to read. */
  end(whole: Blob | null): void {
    this.#end.resolve(whole);
    this.#channel.port1.close();
  }

  /** These bytes as soon as all of them are written, null if they never are. One question at a time. */
  async read(from: number, size: number): Promise<Blob | null> {
    const { port1 } = this.#channel;
    const { promise, resolve } = Promise.withResolvers<Blob>();
    port1.onmessage = ({ data }: MessageEvent<Answer>) => {
      // Another one: the answer to a question that nobody waits for any more.
      if (data.from === from && data.size === size) resolve(data.blob);
    };
    port1.postMessage({ from, size } satisfies Range);
    const atEnd = this.#end.promise.then(
      (whole) => whole && whole.size >= from + size && whole.slice(from, from + size),
    );
    return (await Promise.race([promise, atEnd])) || null;
  }
}

/** The worker's half: a sink that answers on `port` with what was written into it. */
export function handOutBytes(port: MessagePort, sink: ReadableSink): ByteSink {
  let writtenBytes = 0;
  let wanted: Range | null = null;
  const answer = () => {
    if (wanted === null || writtenBytes < wanted.from + wanted.size) return;
    const blob = new Blob([sink.read(wanted.from, wanted.size)]);
    port.postMessage({ ...wanted, blob } satisfies Answer);
    wanted = null;
  };
  port.onmessage = ({ data }: MessageEvent<Range>) => {
    wanted = data;
    answer();
  };
  return {
    async write(bytes) {
      await sink.write(bytes);
      writtenBytes += bytes.length;
      answer();
    },
    async close() {
      port.close();
      await sink.close();
    },
  };
}
