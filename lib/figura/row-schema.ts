import { type Figura, type FiguraColumn, isRequired } from './figura.ts';

function valueSchema(column: FiguraColumn): Record<string, unknown> {
  switch (column.category) {
    case 'integer':
      return { type: ['integer', 'string'] };
    case 'number':
      return { type: ['number', 'string'] };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'json':
      return {};
    case 'array':
    case 'integerArray':
    case 'dateArray':
    case 'jsonArray':
      // As text: PostgreSQL's own `{…}`.
      return { type: ['array', 'string'] };
    case 'bytea':
      return { type: 'string', contentEncoding: 'base16' };
    default: {
      const [, length] = /^character(?: varying)?\((\d+)\)$/.exec(column.type) ?? [];
      return { type: 'string', ...(length ? { maxLength: Number(length) } : {}) };
    }
  }
}

/** JSON Schema 2020-12 of one row of a figura's files. */
export function rowSchemaOf(figura: Figura): Record<string, unknown> {
  const keys = new Set(figura.keyColumns);
  const required = new Set(figura.requiredColumns);
  const columns = figura.table.columns.filter((column) => !column.isGenerated);
  const properties = columns.map((column) => {
    const schema = valueSchema(column);
    const isFilled = column.isNotNull || keys.has(column.name) || required.has(column.name);
    const isNullable = !isFilled && 'type' in schema;
    const described = {
      ...schema,
      ...(required.has(column.name) && column.category === 'text' ? { minLength: 1 } : {}),
      ...(isNullable ? { type: [schema.type, 'null'].flat() } : {}),
      ...(column.description ? { description: column.description } : {}),
      $comment: column.type,
    };
    return [column.name, described] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: figura.title,
    type: 'object',
    properties: {
      ...Object.fromEntries(properties),
      ...(columns.some(({ name }) => name === figura.opColumn)
        ? {}
        : { [figura.opColumn]: { enum: ['I', 'U', 'D', '', null] } }),
    },
    required: columns
      .filter((column) => keys.has(column.name) || required.has(column.name) || isRequired(column))
      .map(({ name }) => name),
    additionalProperties: figura.unknownColumns === 'ignore',
  };
}
