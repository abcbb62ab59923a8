import { useTranslations } from 'next-intl';
import type { FaultGroup } from './check-rows.ts';

const CAUSES = [
  'invalid_value',
  'value_too_long',
  'value_out_of_range',
  'not_null',
  'null_key',
  'unknown_op',
  'too_few_fields',
  'too_many_fields',
  'malformed_quotes',
  'duplicate_key',
] as const;

/** Types that people have words for. */
const KINDS: [RegExp, string][] = [
  [/^(smallint|integer|bigint)$/, 'integer'],
  [/^(numeric|real|double precision)/, 'number'],
  [/^date$/, 'date'],
  [/^timestamp/, 'timestamp'],
  [/^boolean$/, 'boolean'],
];

/** What is wrong with a cell or row, in words; the column's type beside it where it says more. */
export function useFaultCause(): (fault: Pick<FaultGroup, 'code' | 'type'>) => string {
  const t = useTranslations('upload.faults.causes');
  return ({ code, type }) => {
    // The check gives no other codes.
    const cause = CAUSES.find((known) => known === code) ?? 'invalid_value';
    const kind = KINDS.find(([pattern]) => pattern.test(type ?? ''))?.[1] ?? 'other';
    return t(cause, { type: type ?? '', kind });
  };
}
