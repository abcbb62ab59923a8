/** A text, or a name that stands as it is in a file, a table or a program. */
export type Inline = string | { code: string };

/** A part of a document; a page and a Markdown file are made from the same ones. */
export type DocumentBlock =
  | { kind: 'heading'; level: 1 | 2 | 3; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'links'; items: { text: string; href: string }[] }
  | { kind: 'table'; caption: string; head: string[]; rows: Inline[][] }
  | { kind: 'code'; language: string; code: string };
