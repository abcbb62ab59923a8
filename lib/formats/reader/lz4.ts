import { FormatFault } from '../format-fault.ts';

const damaged = () => new FormatFault('corrupt_file', 'The Parquet data is damaged: an LZ4 block does not unpack.');

/** Unpacks one LZ4 block that holds exactly so many bytes. */
export function unpackLz4(block: Buffer, size: number): Buffer {
  const output = Buffer.allocUnsafe(size);
  if (unpackInto(block, output, 0) !== size) throw damaged();
  return output;
}

/**
 * Unpacks what Parquet's codec `LZ4` stands for: Hadoop's framing — the size of some bytes, then blocks with their own
 * sizes until those bytes are complete, all sizes with the most significant byte first — or, as Arrow wrote it for some
 * years under the same name, a block alone.
 */
export function unpackHadoopLz4(framed: Buffer, size: number): Buffer {
  try {
    return unpackFrames(framed, size);
  } catch {
    return unpackLz4(framed, size);
  }
}

function unpackFrames(framed: Buffer, size: number): Buffer {
  const output = Buffer.allocUnsafe(size);
  let [from, to] = [0, 0];
  while (from < framed.length) {
    const end = to + framed.readUInt32BE(from);
    from += 4;
    while (to < end) {
      const length = framed.readUInt32BE(from);
      from += 4;
      if (length === 0 || length > framed.length - from || end > size) throw damaged();
      to = unpackInto(framed.subarray(from, from + length), output, to);
      from += length;
    }
    if (to !== end) throw damaged();
  }
  if (to !== size) throw damaged();
  return output;
}

/** Unpacks a block into the bytes from `start` on and returns where it ended. */
function unpackInto(block: Buffer, output: Buffer, start: number): number {
  let [from, to] = [0, start];
  const length = (nibble: number) => {
    let total = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; total += byte) {
      if (from >= block.length) throw damaged();
      byte = block[from++] as number;
    }
    return total;
  };
  while (from < block.length) {
    const token = block[from++] as number;
    const literals = length(token >> 4);
    if (literals > block.length - from || literals > output.length - to) throw damaged();
    block.copy(output, to, from, from + literals);
    from += literals;
    to += literals;
    // The last sequence is literals only.
    if (from === block.length) return to;
    if (block.length - from < 2) throw damaged();
    const distance = block.readUInt16LE(from);
    from += 2;
    const repeated = length(token & 15) + 4;
    if (distance === 0 || distance > to - start || repeated > output.length - to) throw damaged();
    const end = to + repeated;
    // A match may reach into what it writes itself.
    if (distance >= repeated) output.copyWithin(to, to - distance, end - distance);
    else for (let at = to; at < end; at++) output[at] = output[at - distance] as number;
    to = end;
  }
  throw damaged();
}
