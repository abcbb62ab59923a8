import { S3Error } from './s3-error.ts';

/** Content of an element that is written: a text, or child elements; an array repeats the element. */
export type XmlContent = string | number | boolean | XmlTree | readonly XmlContent[] | undefined;
export interface XmlTree {
  readonly [name: string]: XmlContent;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Writes an S3 answer: the root's name and its content, names in the order in which they are given. */
export function writeXml(root: string, content: XmlTree | string): string {
  return `${DECLARATION}<${root} xmlns="${NAMESPACE}">${writeContent(content)}</${root}>`;
}

/** Writes an error, which S3 sends without its namespace. */
export function writeErrorXml(content: XmlTree): string {
  return `${DECLARATION}<Error>${writeContent(content)}</Error>`;
}

function writeContent(content: XmlContent): string {
  if (content === undefined) return '';
  if (typeof content !== 'object') return escapeXml(String(content));
  return Object.entries(content)
    .map(([name, value]) => {
      if (value === undefined) return '';
      const items: readonly XmlContent[] = Array.isArray(value) ? value : [value];
      return items.map((item) => `<${name}>${writeContent(item)}</${name}>`).join('');
    })
    .join('');
}

/** Escapes text for an element; control characters, which a key may hold, become references as S3 writes them. */
export function escapeXml(text: string): string {
  return text.replace(
    /[<>&"'\u0000-\u001f\u007f\ufffe\uffff]/g,
    (character) => `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

/** An element that was read. Attributes and namespaces are dropped: no S3 request needs them. */
export interface XmlElement {
  name: string;
  text: string;
  children: XmlElement[];
}

// The deepest request, a completed multipart upload, has three levels.
const MAX_DEPTH = 8;

// An instruction, a comment, a CDATA section (1), a tag (2 slash, 3 name, 4 slash at its end), or text. The look-ahead
// after the name keeps the time linear: without it a tag that never ends would be tried at each of its lengths.
const TOKEN =
  /<\?.*?\?>|<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)(?=[\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*?(\/?)>|[^<]+/sy;

/** Reads a small XML document, strictly; document types and entities of one's own do not exist for it. */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', text: '', children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  const text = source.replace(/^\uFEFF/, '');
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    const current = open.at(-1)!;
    if (match === null) throw malformed();
    const [token, cdata, slash, name, selfClosing] = match;
    if (cdata !== undefined) current.text += cdata;
    else if (name === undefined) current.text += token.startsWith('<') ? '' : unescapeXml(token);
    else if (slash === '/') {
      if (open.length === 1 || current.name !== localName(name)) throw malformed();
      open.pop();
    } else {
      const element = { name: localName(name), text: '', children: [] };
      current.children.push(element);
      if (selfClosing !== '/') open.push(element);
      if (open.length > MAX_DEPTH) throw malformed();
    }
  }
  const [document, ...others] = root.children;
  if (open.length !== 1 || document === undefined || others.length > 0 || root.text.trim() !== '') throw malformed();
  return document;
}

/** The text of a child element, `undefined` if it is absent; one that comes twice is refused. */
export function childText(element: XmlElement, name: string): string | undefined {
  const found = element.children.filter((child) => child.name === name);
  if (found.length > 1) throw malformed();
  return found[0]?.text;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (_, reference: string, semicolon: string) => {
    const named = ENTITIES[reference];
    if (semicolon === '') throw malformed();
    if (named !== undefined) return named;
    const match = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference);
    const codePoint = match === null ? -1 : Number.parseInt(match[1] ?? match[2]!, match[1] === undefined ? 10 : 16);
    const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if (codePoint < 0 || codePoint > 0x10ffff || isSurrogate) throw malformed();
    return String.fromCodePoint(codePoint);
  });
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function malformed(): S3Error {
  return new S3Error('MalformedXML', 'The XML you provided was not well-formed or did not validate.');
}
