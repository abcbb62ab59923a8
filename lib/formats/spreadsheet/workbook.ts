import { attributeOf, readXml } from './read-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** A book: its sheets, and where in the archive what they refer to lies. */
interface Workbook {
  sheets: { name: string; path: string }[];
  is1904: boolean;
  /** null where it has none. */
  texts: string | null;
  styles: string | null;
}

/** Where a file of the archive points to: by the number it gives, and by the last word of the kind. */
interface Relation {
  id: string;
  kind: string;
  path: string;
}

/** Reads what a book says of itself; hidden sheets are left out, unless all are hidden. Throws where there is no book. */
export async function readWorkbook(archive: ZipArchive): Promise<Workbook> {
  const [root] = (await readRelations(archive, '')).filter(({ kind }) => kind === 'officeDocument');
  const path = root?.path ?? 'xl/workbook.xml';
  const relations = await readRelations(archive, path);
  const found: { name: string; id: string; isHidden: boolean }[] = [];
  let is1904 = false;
  const listener = {
    open(name: string, attributes: Record<string, string>) {
      if (name === 'workbookPr') is1904 = /^(1|true|on)$/.test(attributeOf(attributes, 'date1904') ?? '');
      if (name !== 'sheet') return;
      const { state, name: sheet = '' } = attributes;
      // `id` with a prefix is the relation's, `sheetId` another number.
      const id = attributeOf(attributes, 'id') ?? '';
      found.push({ name: sheet, id, isHidden: state === 'hidden' || state === 'veryHidden' });
    },
    text() {},
    close() {},
  };
  for await (const _ of readXml(archive.read(path), listener));
  const sheets = found.flatMap(({ name, id, isHidden }) => {
    // Others are charts and macros of old.
    const sheet = relations.find((relation) => relation.id === id && relation.kind === 'worksheet');
    return sheet === undefined ? [] : [{ name, path: sheet.path, isHidden }];
  });
  if (sheets.length === 0) throw new Error('The book has no sheets.');
  const shown = sheets.filter(({ isHidden }) => !isHidden);
  const pathOf = (kind: string) => relations.find((relation) => relation.kind === kind)?.path ?? null;
  return {
    sheets: shown.length > 0 ? shown : sheets,
    is1904,
    texts: pathOf('sharedStrings'),
    styles: pathOf('styles'),
  };
}

async function readRelations(archive: ZipArchive, of: string): Promise<Relation[]> {
  const folder = of.slice(0, of.lastIndexOf('/') + 1);
  const path = `${folder}_rels/${of.slice(folder.length)}.rels`;
  const relations: Relation[] = [];
  if (!archive.has(path)) return relations;
  const listener = {
    open(name: string, { Id = '', Type = '', Target = '' }: Record<string, string>) {
      if (name !== 'Relationship') return;
      const kind = Type.slice(Type.lastIndexOf('/') + 1);
      relations.push({ id: Id, kind, path: resolvePath(folder, Target) });
    },
    text() {},
    close() {},
  };
  for await (const _ of readXml(archive.read(path), listener));
  return relations;
}

/** Where a target lies that is given from a folder or, with a slash in front, from the root of the archive. */
function resolvePath(folder: string, target: string): string {
  const steps: string[] = [];
  for (const step of (target.startsWith('/') ? target : folder + target).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}
