import { exampleRow } from '../figura/example-row.ts';
import { type Figura, type FiguraColumn, isRequired } from '../figura/figura.ts';
import { fileTypesOf } from '../figura/file-types.ts';
import { formatBytes, formatNumber } from '../i18n/format.ts';
import type { Locale } from '../i18n/locales.ts';
import { translate } from '../i18n/translate.ts';
import type { DocumentBlock, Inline } from './document-block.ts';
import { BYTE_ORDER_MARK } from './error-download.ts';
import { curlProgram, nodeProgram, type ProgramInput, pythonProgram } from './figura-programs.ts';
import { csvTemplate } from './template.ts';

/** Where the figura is loaded, and how large a file may be there. */
interface Surroundings {
  locale: Locale;
  publicUrl: string;
  maxFileBytes: number;
}

type Say = (key: string, values?: Record<string, string | number>) => string;

const quoted = (names: readonly string[]) => names.join(', ');

/** Everything somebody needs to load a figura: columns, rules, an example, the calls, what to do with the answer. */
export function documentFigura(figura: Figura, { locale, publicUrl, maxFileBytes }: Surroundings): DocumentBlock[] {
  const say: Say = (key, values) => translate(locale, `documentation.${key}`, values);
  const url = `${publicUrl}/api/${figura.name}/_bulk`;
  const row = exampleRow(figura);
  const csv = csvTemplate(figura).replace(BYTE_ORDER_MARK, '');
  const input: ProgramInput = { url, figura: figura.name, csv, row };
  const templates = (['xlsx', 'csv', 'json', 'parquet'] as const).map((format) => ({
    text: say('template', { format: format === 'parquet' ? 'Parquet' : format.toUpperCase() }),
    href: `${url}/template?format=${format}`,
  }));
  return [
    { kind: 'heading', level: 1, text: figura.title },
    {
      kind: 'text',
      text: say('lead', { figura: figura.name, table: `${figura.table.schemaName}.${figura.table.tableName}` }),
    },
    { kind: 'heading', level: 2, text: say('columns') },
    columnTable(figura, say),
    { kind: 'text', text: say('names') },
    { kind: 'heading', level: 2, text: say('rules') },
    { kind: 'list', items: rulesOf(figura, say, locale, maxFileBytes) },
    { kind: 'heading', level: 2, text: say('example') },
    { kind: 'text', text: say('exampleLead') },
    { kind: 'code', language: 'csv', code: csv.replaceAll('\r\n', '\n') },
    { kind: 'code', language: 'json', code: JSON.stringify([row], null, 2) },
    { kind: 'links', items: [...templates, { text: say('schema'), href: `${url}/schema` }] },
    { kind: 'heading', level: 2, text: say('calls') },
    { kind: 'text', text: say('callsLead') },
    { kind: 'heading', level: 3, text: 'curl' },
    { kind: 'code', language: 'bash', code: curlProgram(input) },
    { kind: 'heading', level: 3, text: 'Node' },
    { kind: 'code', language: 'js', code: nodeProgram(input) },
    { kind: 'heading', level: 3, text: 'Python' },
    { kind: 'code', language: 'python', code: pythonProgram(input) },
    { kind: 'heading', level: 2, text: say('after') },
    { kind: 'list', items: [say('afterSuccess'), say('afterPartial', { url }), say('afterError'), say('afterAgain')] },
    { kind: 'links', items: [{ text: say('reference'), href: `${publicUrl}/docs` }] },
  ];
}

function columnTable({ table, keyColumns, requiredColumns }: Figura, say: Say): DocumentBlock {
  const keys = new Set(keyColumns);
  const demand = (column: FiguraColumn) => {
    if (keys.has(column.name)) return say('isKey');
    if (requiredColumns.includes(column.name)) return say('isDemanded');
    if (column.isIdentityAlways) return say('isMade');
    return say(isRequired(column) ? 'isRequired' : 'isOptional');
  };
  return {
    kind: 'table',
    caption: say('columns'),
    head: ['name', 'type', 'demand', 'default', 'parquet', 'avro', 'description'].map((name) => say(`head.${name}`)),
    rows: table.columns
      .filter((column) => !column.isGenerated)
      .map((column): Inline[] => {
        const { parquet, avro } = fileTypesOf(column);
        return [
          { code: column.name },
          { code: column.type },
          demand(column),
          column.default === null ? '–' : { code: column.default },
          parquet,
          avro,
          column.description ?? '–',
        ];
      }),
  };
}

function rulesOf(figura: Figura, say: Say, locale: Locale, serviceLimit: number): string[] {
  const { keyColumns, opColumn, unknownColumns, onError, maxErrors, maxDeleteRatio, mapping, table } = figura;
  const said = [...keyColumns, ...figura.requiredColumns];
  const required = table.columns.filter((column) => isRequired(column) && !said.includes(column.name));
  const limit = Math.min(serviceLimit, figura.maxFileBytes ?? Number.POSITIVE_INFINITY);
  const isOpTaken = table.columns.some(({ name }) => name === opColumn);
  const aliases = Object.entries(mapping).map(([source, target]) => `${source} → ${target}`);
  return [
    keyColumns.length > 0 ? say('rule.key', { key: quoted(keyColumns) }) : say('rule.noKey'),
    ...(required.length > 0 ? [say('rule.required', { columns: quoted(required.map(({ name }) => name)) })] : []),
    ...(figura.requiredColumns.length > 0 ? [say('rule.demanded', { columns: quoted(figura.requiredColumns) })] : []),
    isOpTaken ? say('rule.noOp', { column: opColumn }) : say('rule.op', { column: opColumn }),
    say(`rule.unknown.${unknownColumns}`),
    ...(aliases.length > 0 ? [say('rule.mapping', { columns: quoted(aliases) })] : []),
    say(`rule.onError.${onError}`),
    ...(maxErrors === null ? [] : [say('rule.maxErrors', { count: formatNumber(locale, maxErrors) })]),
    ...(keyColumns.length > 0
      ? [say('rule.snapshot', { percent: formatNumber(locale, maxDeleteRatio * 100, 2) })]
      : []),
    say('rule.size', { size: formatBytes(locale, limit) }),
    ...constraintRules(figura, say),
  ];
}

function constraintRules({ table }: Figura, say: Say): string[] {
  return table.constraints.flatMap(({ kind, columns, expression, references }) => {
    if (kind === 'check') return expression === null ? [] : [say('rule.check', { expression })];
    if (references === null) return [];
    return [
      say('rule.foreignKey', {
        columns: quoted(columns),
        table: `${references.schemaName}.${references.tableName}`,
        keys: quoted(references.columns),
      }),
    ];
  });
}
