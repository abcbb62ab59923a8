'use client';

import { useTranslations } from 'next-intl';
import { Disclosure } from '#components/ui/disclosure.tsx';
import { SelectField } from '#components/ui/field.tsx';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';

const DELIMITERS = [
  [';', 'semicolon'],
  [',', 'comma'],
  ['\t', 'tab'],
  ['|', 'bar'],
] as const;
const ENCODINGS = [
  ['utf-8', 'UTF-8'],
  ['windows-1252', 'Windows-1252 (ANSI)'],
  ['utf-16le', 'UTF-16'],
  ['utf-16be', 'UTF-16 (big endian)'],
] as const;
const DATE_FORMATS = ['yyyy-mm-dd', 'dd/mm/yyyy', 'mm/dd/yyyy', 'dd-mm-yyyy', 'dd.mm.yyyy', 'yyyy/mm/dd'];

/** How a CSV file is read: what was detected, and how to correct it. */
export function CsvSettings(props: { csv: CsvOptions; onChange: (change: Partial<CsvOptions>) => void }) {
  const t = useTranslations('upload.csv');
  const { csv, onChange } = props;
  const delimiter = DELIMITERS.find(([mark]) => mark === csv.delimiter);
  const encoding = ENCODINGS.find(([label]) => label === csv.encoding)?.[1] ?? csv.encoding;
  const shown = (dateFormat: string) => dateFormat.replaceAll('y', t('yearLetter'));
  const dateFormats = DATE_FORMATS.includes(csv.dateFormat) ? DATE_FORMATS : [csv.dateFormat, ...DATE_FORMATS];
  return (
    <Disclosure
      summary={
        <span className="text-sm">
          {t('detected', {
            delimiter: delimiter ? t(`delimiters.${delimiter[1]}`) : csv.delimiter,
            encoding,
            decimal: csv.decimal === ',' ? t('decimals.comma') : t('decimals.point'),
            dates: shown(csv.dateFormat),
          })}
        </span>
      }
    >
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        <SelectField
          label={t('delimiter')}
          value={csv.delimiter}
          onChange={(event) => onChange({ delimiter: event.target.value })}
        >
          {DELIMITERS.map(([mark, name]) => (
            <option key={mark} value={mark}>
              {t(`delimiters.${name}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('encoding')}
          value={csv.encoding}
          onChange={(event) => onChange({ encoding: event.target.value })}
        >
          {ENCODINGS.map(([label, name]) => (
            <option key={label} value={label}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('decimal')}
          value={csv.decimal}
          onChange={(event) => onChange({ decimal: event.target.value === ',' ? ',' : '.' })}
        >
          <option value=",">{t('decimals.comma')}</option>
          <option value=".">{t('decimals.point')}</option>
        </SelectField>
        <SelectField
          label={t('dates')}
          value={csv.dateFormat}
          onChange={(event) => onChange({ dateFormat: event.target.value })}
        >
          {dateFormats.map((dateFormat) => (
            <option key={dateFormat} value={dateFormat}>
              {shown(dateFormat)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('header')}
          value={csv.header ? 'yes' : 'no'}
          onChange={(event) => onChange({ header: event.target.value === 'yes' })}
        >
          <option value="yes">{t('headerYes')}</option>
          <option value="no">{t('headerNo')}</option>
        </SelectField>
      </div>
    </Disclosure>
  );
}
