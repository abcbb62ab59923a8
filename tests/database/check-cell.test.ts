import pg from 'pg';
import { expect, test } from 'vitest';
import { cellCheckOf } from '#lib/figura/check-cell.ts';
import { createTestDatabase } from '#tests/support/postgres.ts';
import { Random } from '#tests/support/random.ts';

const TYPES = [
  ...[
    'smallint',
    'integer',
    'bigint',
    'numeric',
    'numeric(5,2)',
    'numeric(2,4)',
    'real',
    'double precision',
    'boolean',
  ],
  ...['uuid', 'character(3)', 'character varying(4)', 'date', 'timestamp without time zone', 'time without time zone'],
  ...['timestamp(3) with time zone', 'time with time zone', 'json', 'jsonb'],
];
/** Texts as people and programs write them; each is also tried with one or two characters changed. */
const TEXTS = [
  ...[
    '0',
    '-1',
    '+32767',
    '32768',
    '2147483648',
    '9223372036854775807',
    '1.5',
    '.5',
    '1.',
    '1e5',
    '1E-3',
    '0x1F',
    '1_000',
  ],
  ...['1.234,56', 'NaN', '-Infinity', 'inf', 't', 'yes', 'no', 'of', 'on', 'sim', 'abc', 'ção', '😀😀', 'ab   ', ''],
  ...[
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{a0eebc999c0b4ef8bb6d6bb9bd380a11}',
    'A0EE-BC99-9C0B-4EF8-BB6D6BB9BD380A11',
  ],
  ...[
    '2024-02-29',
    '2024-2-9',
    '20240229',
    '29/02/2024',
    '02/29/2024',
    '31.12.2024',
    'Jan 8 1999',
    '8-Jan-1999',
    'J2451187',
  ],
  ...[
    '2024-02-29 23:59:60',
    '2024-02-29T12:00:00.123456Z',
    '2024-01-01 00:00-03',
    '2024-001',
    '44 BC',
    '0044-03-15 BC',
  ],
  ...[
    'now',
    'today',
    'infinity',
    '-infinity',
    'epoch',
    '12:30',
    '24:00:00',
    '12:30:15.5 PM',
    '040506',
    'allballs',
    '4:05 AM',
  ],
  ...['{"a":[1,2]}', '"x"', 'null', '[1,', '{"a":1,}', 'true', '\\u0000'],
];
const ROUNDS = 40;

const database = await createTestDatabase();

test('a check before the import calls wrong only what PostgreSQL refuses', async () => {
  const random = new Random(7);
  const characters = [...'0123456789-+.,/: eETZxn{}"[]abc'];
  const mutate = (text: string) => {
    const letters = [...text];
    for (let count = random.integer(1, 2); count > 0; count--) {
      letters.splice(random.integer(0, letters.length), random.integer(0, 1), random.pick(characters));
    }
    return letters.join('');
  };
  const texts = new Set(TEXTS);
  for (const text of TEXTS) for (let round = 0; round < ROUNDS; round++) texts.add(mutate(text));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(`set datestyle to 'ISO, DMY'`);
    const wrong: string[] = [];
    let caught = 0;
    let refused = 0;
    for (const type of TYPES) {
      const check = cellCheckOf(type);
      const answer = await client.query<{ text: string; valid: boolean }>(
        'select text, pg_input_is_valid(text, $2) as valid from unnest($1::text[]) as text',
        [[...texts], type],
      );
      for (const { text, valid } of answer.rows) {
        const isCalledWrong = (check?.(text) ?? null) !== null;
        if (isCalledWrong && valid) wrong.push(`${type}: ${JSON.stringify(text)}`);
        if (!valid) refused++;
        if (isCalledWrong && !valid) caught++;
      }
    }
    expect(wrong).toEqual([]);
    // Three quarters of what PostgreSQL refuses are found beforehand.
    expect(caught / refused).toBeGreaterThan(0.75);
  } finally {
    await client.end();
  }
});
