/** One event of a server-sent stream. */
export interface StreamEvent {
  /** `message` when the server names none. */
  event: string;
  data: string;
  /** The last id the stream has carried; empty before the first. */
  id: string;
}

/** Parses `text/event-stream` text that may be cut anywhere (WHATWG HTML, "Server-sent events"). */
export class EventStreamParser {
  /** What the server wants waited before a reconnection; null until it says so. */
  retryMs: number | null = null;
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id = '';
  #isStart = true;
  #skipLineFeed = false;

  /** Takes the next piece of text and gives the events that it completes. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    let input = text;
    if (this.#isStart && input !== '') {
      this.#isStart = false;
      if (input.charCodeAt(0) === 0xfeff) input = input.slice(1);
    }
    // A carriage return ended the last piece and its line; the line feed of the pair belongs to it.
    if (this.#skipLineFeed && input !== '') {
      this.#skipLineFeed = false;
      if (input.startsWith('\n')) input = input.slice(1);
    }
    let from = 0;
    for (let position = 0; position < input.length; position++) {
      const character = input[position];
      if (character !== '\n' && character !== '\r') continue;
      this.#takeLine(this.#rest + input.slice(from, position), events);
      this.#rest = '';
      if (character === '\r') {
        if (position + 1 === input.length) this.#skipLineFeed = true;
        else if (input[position + 1] === '\n') position++;
      }
      from = position + 1;
    }
    this.#rest += input.slice(from);
    return events;
  }

  #takeLine(line: string, events: StreamEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) {
        events.push({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id });
      }
      this.#event = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}

/**
 * Whether event id `candidate` comes after `last`. Ids are counters, compared as numbers of any size; ids of another
 * make cannot be compared and count as newer when they differ.
 */
export function isNewerEventId(candidate: string, last: string | null): boolean {
  if (last === null || last === '' || candidate === '') return true;
  if (/^\d+$/.test(candidate) && /^\d+$/.test(last)) return BigInt(candidate) > BigInt(last);
  return candidate !== last;
}

/**
 * Reads events off a response until it ends. @throws Error when nothing at all came for `idleMs`: a connection that
 * died without a word looks exactly like a quiet one.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  parser: EventStreamParser,
  idleMs: number,
): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), idleMs);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Also reached when the caller stops early: then the connection must not stay open.
    reader.cancel().catch(() => {});
  }
}

function withinTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came for ${ms / 1000} s`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
