import type { Random } from './random.ts';

/** A value as a test means it. */
export interface CellValue {
  /** What PostgreSQL would be given by hand: the model's truth. */
  text: string;
  /** The value as JSON; absent: a JSON string of the text. */
  json?: string;
}

/** One column of the table under test and what may stand in it. */
export interface ColumnKind {
  /** Name of the column. */
  name: string;
  /** Its type in SQL. */
  type: string;
  /** What follows the type in CREATE TABLE. */
  constraint?: string;
  /** Text of the default. */
  default?: string;
  good: CellValue[];
  /** Texts PostgreSQL refuses. */
  bad: CellValue[];
  /** Texts among the good that `=` finds equal although they are not the same value. */
  twins?: string[];
  /** One more good value. */
  more?: (random: Random) => CellValue;
  /** Type of the column in typed Parquet, made from the cell's text (`$`) or JSON (`#`). */
  duckdb: string;
  /** Avro type and the value avsc writes. */
  avro: { type: unknown; encode: (value: CellValue) => unknown };
  /** The value as a typed file holds it; null where it cannot. */
  typed: (value: CellValue) => CellValue | null;
}

/** A value. */
export const value = (text: string, json?: string): CellValue => (json === undefined ? { text } : { text, json });
/** Values that are strings in JSON. */
export const texts = (...all: string[]): CellValue[] => all.map((text) => value(text));
/** Any text fits a typed file. */
export const asIs = (given: CellValue) => given;
/** Only texts of a shape fit a typed file. */
export const matching = (pattern: RegExp) => (given: CellValue) => (pattern.test(given.text) ? given : null);
/** Avro strings. */
export const avroText = { type: 'string', encode: ({ text }: CellValue) => text };
/** Kinds that have no type of their own in a typed file. */
export const asText = { duckdb: '$', avro: avroText, typed: asIs };
