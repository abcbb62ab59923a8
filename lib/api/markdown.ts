import type { DocumentBlock, Inline } from './document-block.ts';

/** Names and descriptions come from a database: nothing in them may become a heading, a link or HTML. */
function escapeText(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/^(\s*)([-+]|\d+[.)])(?=\s)/, '$1\\$2');
}

/** As a code span, which takes more backticks around it than it holds; in a table a bar must still be escaped. */
function codeSpan(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
  const ticks = longestRun(line) > 0 ? '`'.repeat(longestRun(line) + 1) : '`';
  const padding = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return ticks + padding + line.replaceAll('|', '\\|') + padding + ticks;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

const inline = (part: Inline) => (typeof part === 'string' ? escapeText(part) : codeSpan(part.code));
const row = (cells: string[]) => `| ${cells.join(' | ')} |`;

function blockToMarkdown(block: DocumentBlock): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escapeText(block.text)}`;
    case 'text':
      return escapeText(block.text);
    case 'list':
      return block.items.map((item) => `- ${escapeText(item)}`).join('\n');
    case 'links':
      return block.items.map(({ text, href }) => `- [${escapeText(text)}](<${href}>)`).join('\n');
    case 'table':
      return [
        row(block.head.map(escapeText)),
        row(block.head.map(() => '---')),
        ...block.rows.map((cells) => row(cells.map(inline))),
      ].join('\n');
    case 'code': {
      const fence = '`'.repeat(Math.max(3, longestRun(block.code) + 1));
      return `${fence}${block.language}\n${block.code.replace(/\n?$/, '\n')}${fence}`;
    }
  }
}

/** Writes a document as Markdown (CommonMark with tables). */
export function toMarkdown(blocks: readonly DocumentBlock[]): string {
  return `${blocks.map(blockToMarkdown).join('\n\n')}\n`;
}
