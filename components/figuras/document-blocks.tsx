import { CopyButton } from '#components/ui/copy-button.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import type { DocumentBlock, Inline } from '#lib/api/document-block.ts';

/** A document as a page. Everything is written as text: names and descriptions come from a database. */
export function DocumentBlocks({ blocks, copyLabel }: { blocks: readonly DocumentBlock[]; copyLabel: string }) {
  return (
    <article className="grid min-w-0 gap-4">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a document that never changes in place
        <DocumentPart key={index} block={block} copyLabel={copyLabel} />
      ))}
    </article>
  );
}

function DocumentPart({ block, copyLabel }: { block: DocumentBlock; copyLabel: string }) {
  switch (block.kind) {
    case 'heading': {
      const Heading = `h${block.level}` as const;
      const sizes = { h1: 'text-2xl tracking-tight', h2: 'mt-3 text-lg', h3: 'text-base' };
      return <Heading className={`wrap-anywhere font-semibold ${sizes[Heading]}`}>{block.text}</Heading>;
    }
    case 'text':
      return <p className="wrap-anywhere max-w-prose">{block.text}</p>;
    case 'list':
      return (
        <ul className="max-w-prose list-disc pl-5">
          {block.items.map((item) => (
            <li key={item} className="wrap-anywhere">
              {item}
            </li>
          ))}
        </ul>
      );
    case 'links':
      return (
        <ul className="flex flex-wrap gap-x-5 gap-y-1">
          {block.items.map(({ text, href }) => (
            <li key={href}>
              <a href={href} className="text-accent underline">
                {text}
              </a>
            </li>
          ))}
        </ul>
      );
    case 'table':
      return <DocumentTable {...block} />;
    case 'code':
      return (
        <div className="relative min-w-0">
          <div className="mb-1 w-fit rounded-control bg-surface sm:absolute sm:top-1.5 sm:right-1.5 sm:mb-0">
            <CopyButton text={block.code} label={copyLabel} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard */}
          <pre tabIndex={0} className="overflow-x-auto rounded-box bg-sunken p-4 font-mono text-sm sm:pr-28">
            {block.code}
          </pre>
        </div>
      );
  }
}

function DocumentTable({ caption, head, rows }: { caption: string; head: string[]; rows: Inline[][] }) {
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          {head.map((title) => (
            <HeadCell key={title}>{title}</HeadCell>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a document that never changes in place
          <Row key={index}>
            {cells.map((cell, column) => (
              <Cell key={head[column]} className={typeof cell === 'string' ? 'text-sm' : 'font-mono text-sm'}>
                {typeof cell === 'string' ? cell : cell.code}
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
