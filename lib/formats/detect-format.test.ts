import { expect, it } from 'vitest';
import { detectFormat } from './detect-format.ts';

function detect(content: string, fileName: string, encoding: BufferEncoding = 'utf8') {
  const found = detectFormat(Buffer.from(content, encoding), fileName);
  return 'format' in found ? found.format : found.error;
}

it.each([
  ['PAR1\x15\x04', 'x.parquet', 'parquet'],
  ['PAR1\x15\x04', 'semnome', 'parquet'],
  ['PARE\x15\x04', 'x.parquet', 'parquet'],
  ['PARECER;DATA\n', 'x.csv', 'csv'],
  ['Obj\x01\x02', 'x.avro', 'avro'],
  ['PAR1\x15\x04', 'x.csv', 'format_contradiction'],
  ['\x89PNG\r\n\x1a\n\0', 'x.parquet', 'format_contradiction'],
  ['\x89PNG\r\n\x1a\n\0', 'x.png', 'unknown_format'],
  ['PK\x03\x04\x14\0\x06\0[Content_Types].xml', 'x.csv', 'format_contradiction'],
  ['PK\x03\x04\x14\0', 'x.zip', 'unknown_format'],
  ['%PDF-1.7\n', 'x.csv', 'format_contradiction'],
  ['\x1f\x8b\x08\0', 'x.json.gz', 'unknown_format'],
  ['MZ\x90\0\x03', 'x.exe', 'unknown_format'],
  ['a\0b\0\x01\x02', 'x.bin', 'unknown_format'],
  ['id;nome\n', 'x.parquet', 'format_contradiction'],
  ['', 'x.csv', 'empty_file'],
  [' \n', 'x.csv', 'empty_file'],
])('takes %j named %s for %s', (content, fileName, expected) => {
  expect(detect(content, fileName, 'latin1')).toBe(expected);
});

it.each([
  ['\ufeff [{"a":1}]', 'x.json', 'json'],
  ['[{"a":1}]', 'x.txt', 'json'],
  ['{"a":1}\n{"a":2}\n', 'x.json', 'ndjson'],
  ['{"a":1}\n', 'x.ndjson', 'ndjson'],
  ['{"a":1}\n', 'x.json', 'json'],
  ['{\n"a":1}\n', 'x.json', 'json'],
  ['{"a":1,\n"b":{}}\n', 'dados', 'json'],
  [`{"a":"${'x'.repeat(100)}`, 'x.jsonl', 'ndjson'],
  ['id;nome\n1;ã\n', 'x.csv', 'csv'],
  ['id;nome\n', 'dados', 'csv'],
  ['ORCAMENTO;VALOR\n', 'x.csv', 'csv'],
  ['MZ,ORC\n', 'x.csv', 'csv'],
  ['[id];nome\n', 'x.csv', 'csv'],
  ['id;nome\n', 'x.json', 'format_contradiction'],
])('takes the text %j named %s for %s', (content, fileName, expected) => {
  expect(detect(content, fileName)).toBe(expected);
});

it('takes UTF-16 text for CSV', () => {
  expect(detect('\ufeffid;nome\n', 'x.csv', 'utf16le')).toBe('csv');
});

it('says what a foreign file is', () => {
  expect(detectFormat(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'x.parquet')).toStrictEqual({
    error: 'format_contradiction',
    detail: 'The file is named parquet, but it is a PNG image.',
  });
});
