import { FormatFault } from '../format-fault.ts';
import { readXml } from './read-xml.ts';

/** Longer than any cell may be, also where each of its characters takes three bytes. */
const BLOCK_BYTES = 4 << 20;
const MAX_TEXT_CHARS = 1 << 20;

/** All texts of a book; as much again is needed to read the rest of it. */
const MAX_BYTES = 256 << 20;

/**
 * The texts of a book, which its cells name by number. As objects they would take several times the room: they are kept
 * as UTF-8, and decoded when a cell asks.
 */
export class SharedTexts {
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #blocks = [new Uint8Array(BLOCK_BYTES)];
  #used = 0;
  /** Where each text begins, counted through all blocks; none lies in two. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** @throws FormatFault `memory_limit` */
  add(text: string): void {
    let { read, written } = this.#write(text);
    if (read < text.length) {
      if (this.#blocks.length * BLOCK_BYTES >= MAX_BYTES) throw new FormatFault('memory_limit', 'Too many texts.');
      this.#blocks.push(new Uint8Array(BLOCK_BYTES));
      this.#used = 0;
      ({ read, written } = this.#write(text));
    }
    this.#starts.push((this.#blocks.length - 1) * BLOCK_BYTES + this.#used);
    this.#lengths.push(written);
    this.#used += written;
  }

  /** undefined where there is no such text. */
  get(number: number): string | undefined {
    const start = this.#starts[number];
    if (start === undefined) return undefined;
    const from = start % BLOCK_BYTES;
    const block = this.#blocks[(start - from) / BLOCK_BYTES];
    return this.#decoder.decode(block?.subarray(from, from + (this.#lengths[number] ?? 0)));
  }

  #write(text: string) {
    const block = this.#blocks.at(-1) as Uint8Array<ArrayBuffer>;
    return this.#encoder.encodeInto(text, block.subarray(this.#used));
  }
}

/** Reads the list of a book's texts: runs of different looks are one text, what says how to pronounce it is not of it. */
export async function readSharedTexts(pieces: AsyncIterable<Uint8Array>): Promise<SharedTexts> {
  const texts = new SharedTexts();
  let text = '';
  let isText = false;
  let isPhonetic = false;
  const listener = {
    open(name: string) {
      if (name === 'si') text = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isText = !isPhonetic;
    },
    text(part: string) {
      if (!isText) return;
      text += part;
      if (text.length > MAX_TEXT_CHARS) throw new Error('A text of the book is too long.');
    },
    close(name: string) {
      if (name === 't') isText = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'si') texts.add(unescapeText(text));
    },
  };
  for await (const _ of readXml(pieces, listener));
  return texts;
}

/** Characters that XML cannot hold stand as `_x000D_` in texts of a book. */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
