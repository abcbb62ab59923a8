import { SaxesParser } from 'saxes';

/** What is told of an XML file; names come without their prefix, which every writer chooses for itself. */
export interface XmlListener {
  open(name: string, attributes: Record<string, string>): void;
  close(name: string): void;
  text(text: string): void;
}

/** A cell holds 32,767 characters; what goes on so long without a tag is an attack on the memory. */
const MAX_TEXT_BYTES = 1 << 20;

/** A spreadsheet nests ten deep or so. */
const MAX_DEPTH = 200;

/**
 * Reads an XML file as its bytes come, in memory that does not grow with it; yields after each piece of bytes. No
 * definitions of its own entities are followed. Throws for what is not well formed.
 */
export async function* readXml(pieces: AsyncIterable<Uint8Array>, listener: XmlListener): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, position: false } as const);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytesWithoutTag = 0;
  let depth = 0;
  parser.on('opentag', ({ name, attributes }) => {
    bytesWithoutTag = 0;
    depth += 1;
    if (depth > MAX_DEPTH) throw new Error('The XML nests too deep.');
    listener.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    bytesWithoutTag = 0;
    depth -= 1;
    listener.close(localName(name));
  });
  parser.on('text', (text) => listener.text(text));
  parser.on('cdata', (text) => listener.text(text));
  for await (const piece of pieces) {
    bytesWithoutTag += piece.length;
    if (bytesWithoutTag - piece.length > MAX_TEXT_BYTES) throw new Error('A text of the XML is too long.');
    parser.write(decoder.decode(piece, { stream: true }));
    yield;
  }
  parser.write(decoder.decode());
  parser.close();
}

/** The value of an attribute whatever its prefix. */
export function attributeOf(attributes: Record<string, string>, name: string): string | undefined {
  return attributes[name] ?? Object.entries(attributes).find(([key]) => localName(key) === name)?.[1];
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
