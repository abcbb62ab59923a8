import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

// Small enough that a stop or a flip hits the middle of any file of a test.
const PIECE_BYTES = 64 * 1024;

/** How a line treats what goes through it from now on. */
export type LineState =
  /** as it is */
  | 'whole'
  /** new connections are refused, those that stand are reset */
  | 'cut'
  /** nothing moves, and nobody is told: a cable that was pulled out */
  | 'silent'
  /** a byte a second towards the client */
  | 'dripping';

/** A line between a process and a server, which a test makes faulty. */
export interface FaultyLine {
  port: number;
  state: LineState;
  /** How many connections stand. */
  readonly connections: number;
  /** How many have ever been opened. */
  readonly opened: number;
  /** Looks at what the server sends, and may send something else; undefined resets the connection instead. */
  rewrite: ((bytes: Buffer) => Buffer | undefined | Promise<Buffer | undefined>) | null;
  /** Resets all connections that stand, new ones go on as before. */
  reset(): void;
  close(): Promise<void>;
}

async function untilDrained(socket: Socket): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).finally(() =>
    settled.abort(),
  );
}

/** Opens a line to a server on loopback. Close it in `afterAll`. */
export async function openFaultyLine(target: URL | { port: number | string }): Promise<FaultyLine> {
  const pairs = new Set<[Socket, Socket]>();
  let opened = 0;
  let state: LineState = 'whole';
  const sleepers = new Set<() => void>();
  const untilChange = () => new Promise<void>((resolve) => sleepers.add(resolve));
  const reset = () => {
    for (const sockets of pairs) for (const socket of sockets) socket.resetAndDestroy();
    pairs.clear();
  };

  /** One piece after the other, each as the line is at its moment. */
  async function carry(from: Socket, to: Socket, isAnswer: boolean): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        while (line.state === 'silent') await untilChange();
        const isDripping = line.state === 'dripping' && isAnswer;
        const piece = chunk.subarray(at, at + (isDripping ? 1 : PIECE_BYTES));
        at += piece.length;
        const sent = isAnswer && line.rewrite ? await line.rewrite(Buffer.from(piece)) : piece;
        if (sent === undefined) throw new Error('reset by the test');
        if (!to.write(sent)) await untilDrained(to);
        if (isDripping) await Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), untilChange()]);
      }
    }
    to.end();
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (line.state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    opened += 1;
    const upstream = connect({ port: Number(target.port), host: '127.0.0.1', allowHalfOpen: true });
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.resetAndDestroy();
    };
    for (const socket of pair) socket.on('error', end).setNoDelay(true);
    void Promise.all([carry(client, upstream, false), carry(upstream, client, true)])
      .then(() => pairs.delete(pair))
      .catch(end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const line: FaultyLine = {
    port: (server.address() as AddressInfo).port,
    rewrite: null,
    get state() {
      return state;
    },
    set state(next) {
      state = next;
      if (next === 'cut') reset();
      for (const wake of sleepers) wake();
      sleepers.clear();
    },
    get connections() {
      return pairs.size;
    },
    get opened() {
      return opened;
    },
    reset,
    async close() {
      line.state = 'cut';
      server.close();
      await once(server, 'close');
    },
  };
  return line;
}
