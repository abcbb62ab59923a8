import fc from 'fast-check';

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is data
type Schema = any;

/** Texts that break what takes every text for a word. */
const HOSTILE = fc.constantFrom(
  ...['', ' ', '\0', 'a\0b', "'; drop table x; --", '../..', '%00', '%2e%2e', '{}', '[]', 'null', 'NaN', '-1', '1e400'],
  ...[
    '9'.repeat(40),
    '9007199254740993',
    'x'.repeat(5000),
    '🧨'.repeat(50),
    '\u202e',
    '\ud800',
    '\u{10ffff}',
    '__proto__',
  ],
  ...['constructor', '0000-00-00', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '*', 'application/json\r\nx: y'],
);

const anything = () => fc.oneof(HOSTILE, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));

/** Any JSON, shallow enough to be sent. */
const anyJson = () => fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });

function text(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'date-time') {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
      .map((date) => date.toISOString());
  }
  if (schema.format === 'date') return fc.constantFrom('2026-01-31', '0001-01-01', '9999-12-31');
  if (schema.format === 'uuid') return fc.uuid();
  const { minLength = 0, maxLength = 60 } = schema;
  const wanted = fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 60) });
  if (!schema.pattern) return wanted;
  // Longer than allowed now and then, which is a request like any other.
  return fc.stringMatching(new RegExp(schema.pattern.replaceAll('\\u0000', '\\0')), { size: 'small' });
}

function valid(schema: Schema, components: Record<string, Schema>): fc.Arbitrary<unknown> {
  if (schema.$ref) return valid(components[schema.$ref.split('/').at(-1)], components);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice: Schema) => valid(choice, components)));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid(schema.items ?? {}, components), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'object': {
      if (!schema.properties)
        return fc.dictionary(fc.string({ minLength: 1 }), valid(schema.additionalProperties ?? {}, components), {
          maxKeys: 4,
        });
      const entries = Object.entries(schema.properties).map(([name, one]) => [name, orBroken(one, components)]);
      return fc.record(Object.fromEntries(entries), { requiredKeys: schema.required ?? [] });
    }
    default:
      return anyJson();
  }
}

/** What the schema wants, or now and then something it does not. */
function orBroken(schema: Schema, components: Record<string, Schema>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: valid(schema, components) },
    { weight: 1, arbitrary: anything() },
    { weight: 1, arbitrary: anyJson() },
  );
}

/** Bodies for a schema of the document: mostly nearly right, sometimes anything. */
export function bodyArbitrary(schema: Schema, components: Record<string, Schema>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: valid(schema, components) },
    { weight: 1, arbitrary: anyJson() },
    { weight: 1, arbitrary: anything() },
  );
}

/** A parameter's value as it stands in an address. */
export function parameterArbitrary(schema: Schema): fc.Arbitrary<string> {
  return fc.oneof({ weight: 2, arbitrary: valid(schema, {}).map(String) }, { weight: 1, arbitrary: anything() });
}
