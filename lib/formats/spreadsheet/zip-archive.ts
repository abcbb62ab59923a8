/** A file of an archive: how it is packed, and where. */
interface ZipEntry {
  isDeflated: boolean;
  isEncrypted: boolean;
  crc: number;
  packedBytes: number;
  headerAt: number;
}

const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** The end of an archive may be followed by a comment of 64 KiB. */
const MAX_TAIL_BYTES = 22 + 20 + 0xffff;

/** A spreadsheet has some dozens of files; a directory of so many bytes names a hundred thousand. */
const MAX_DIRECTORY_BYTES = 16 << 20;

/** What is unpacked at a time: the browser unpacks a piece whole, to a thousand times its size in the worst case. */
const PIECE_BYTES = 32 << 10;

/** More than any sheet within the limits of Excel; an archive of a few kilobytes can pretend to hold terabytes. */
const MAX_UNPACKED_BYTES = 8 * 2 ** 30;

/**
 * A ZIP archive whose files are unpacked piece by piece, whatever their size: only its directory is held. Names of files
 * are compared without regard to case, as the Open Packaging Conventions have it. Throws for anything that does not fit.
 */
export class ZipArchive {
  readonly #file: Blob;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(file: Blob, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** Reads the directory, which stands at the end. */
  static async open(file: Blob): Promise<ZipArchive> {
    const { at, bytes } = await findDirectory(file);
    if (bytes > MAX_DIRECTORY_BYTES || at + bytes > file.size)
      throw new Error('The directory of the archive is wrong.');
    return new ZipArchive(file, readEntries(await viewOf(file, at, at + bytes)));
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** The bytes of a file of the archive, unpacked and held against their checksum. */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw new Error(`The archive holds no ${name}.`);
    if (entry.isEncrypted) throw new Error(`${name} is encrypted.`);
    const { headerAt, packedBytes } = entry;
    const header = await viewOf(this.#file, headerAt, headerAt + 30);
    // The directory has names and notes of other lengths than the file's own header.
    const from = headerAt + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    const packed = piecesOf(this.#file, from, from + packedBytes);
    const stream = entry.isDeflated ? packed.pipeThrough(new DecompressionStream('deflate-raw')) : packed;
    const reader = stream.getReader();
    let crc = 0;
    let size = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > MAX_UNPACKED_BYTES) throw new Error(`${name} unpacks to more than a spreadsheet can hold.`);
        crc = addToCrc(crc, value);
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
    if (crc !== entry.crc) throw new Error(`${name} does not fit its checksum.`);
  }
}

async function findDirectory(file: Blob): Promise<{ at: number; bytes: number }> {
  const tailAt = Math.max(0, file.size - MAX_TAIL_BYTES);
  const tail = await viewOf(file, tailAt, file.size);
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error('This is no archive, or its end is missing.');
  const [bytes, at] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  // Some writers use the wide form whatever the size.
  if (end < 20 || tail.getUint32(end - 20, true) !== LOCATOR_64) return { at, bytes };
  const wideAt = Number(tail.getBigUint64(end - 12, true));
  const wide = await viewOf(file, wideAt, wideAt + 56);
  if (wide.getUint32(0, true) !== END_64) throw new Error('The directory of the archive is wrong.');
  return { at: Number(wide.getBigUint64(48, true)), bytes: Number(wide.getBigUint64(40, true)) };
}

function readEntries(directory: DataView): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const decoder = new TextDecoder();
  let at = 0;
  while (at + 46 <= directory.byteLength) {
    if (directory.getUint32(at, true) !== ENTRY) throw new Error('The directory of the archive is wrong.');
    const method = directory.getUint16(at + 10, true);
    const nameLength = directory.getUint16(at + 28, true);
    const extraLength = directory.getUint16(at + 30, true);
    const name = new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength);
    const isWide = { unpacked: directory.getUint32(at + 24, true) === 0xffffffff };
    const sizes = { packed: directory.getUint32(at + 20, true), headerAt: directory.getUint32(at + 42, true) };
    const extraAt = at + 46 + nameLength;
    const wide = wideNumbers(directory, extraAt, extraAt + extraLength);
    if (isWide.unpacked) wide.shift();
    const packedBytes = sizes.packed === 0xffffffff ? Number(wide.shift() ?? 0xffffffff) : sizes.packed;
    const headerAt = sizes.headerAt === 0xffffffff ? Number(wide.shift() ?? 0xffffffff) : sizes.headerAt;
    // Anything but stored and deflated is not a spreadsheet's; it is found out when it is read.
    entries.set(decoder.decode(name).replaceAll('\\', '/').toLowerCase(), {
      isDeflated: method !== 0,
      isEncrypted: (directory.getUint16(at + 8, true) & 1) === 1,
      crc: directory.getUint32(at + 16, true),
      packedBytes,
      headerAt,
    });
    at = extraAt + extraLength + directory.getUint16(at + 32, true);
  }
  return entries;
}

/** The 64-bit numbers of an entry, in their order: what has no room in 32 bits. */
function wideNumbers(directory: DataView, from: number, to: number): bigint[] {
  for (let at = from; at + 4 <= to; at += 4 + directory.getUint16(at + 2, true)) {
    if (directory.getUint16(at, true) !== 1) continue;
    const count = directory.getUint16(at + 2, true) >> 3;
    return Array.from({ length: count }, (_, index) => directory.getBigUint64(at + 4 + 8 * index, true));
  }
  return [];
}

function piecesOf(file: Blob, from: number, to: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = from;
  return new ReadableStream({
    async pull(controller) {
      if (at >= to) return controller.close();
      const piece = new Uint8Array(await file.slice(at, Math.min(at + PIECE_BYTES, to)).arrayBuffer());
      if (piece.length === 0) throw new Error('The archive ends within a file.');
      at += piece.length;
      controller.enqueue(piece);
    },
  });
}

async function viewOf(file: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function addToCrc(before: number, bytes: Uint8Array): number {
  let crc = ~before;
  for (let at = 0; at < bytes.length; at++) {
    crc = (CRC_TABLE[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
