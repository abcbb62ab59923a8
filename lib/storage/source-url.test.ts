import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { parseSourceUrl } from './source-url.ts';

const rules = {
  bucket: 'carga',
  allowedSources: ['erp/exports', 'open'],
  endpoint: 'http://127.0.0.1:9000',
  region: 'us-east-1',
};
const codeOf = (url: string, more = {}) => {
  try {
    parseSourceUrl(url, { ...rules, ...more });
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test.each([
  ['s3://carga/a/b c+ç.parquet', { bucket: 'carga', key: 'a/b c+ç.parquet' }],
  ['s3://erp/exports/x.avro', { bucket: 'erp', key: 'exports/x.avro' }],
  ['s3://open/x', { bucket: 'open', key: 'x' }],
  ['http://127.0.0.1:9000/carga/a/b%20c.parquet?X-Amz-Signature=1', { bucket: 'carga', key: 'a/b c.parquet' }],
])('takes %s', (url, address) => {
  expect(parseSourceUrl(url, rules)).toEqual(address);
});

test('takes virtual-host and AWS addresses', () => {
  const endpoint = 'https://storage.example';
  expect(parseSourceUrl('https://carga.storage.example/k/x', { ...rules, endpoint })).toEqual({
    bucket: 'carga',
    key: 'k/x',
  });
  const aws = { ...rules, endpoint: undefined };
  expect(parseSourceUrl('https://carga.s3.us-east-1.amazonaws.com/x', aws)).toEqual({ bucket: 'carga', key: 'x' });
  expect(parseSourceUrl('https://s3.us-east-1.amazonaws.com/carga/x', aws)).toEqual({ bucket: 'carga', key: 'x' });
});

test.each([
  's3://other/x',
  's3://erp/exports-secret/x',
  's3://erp/x',
  's3://carga',
  's3://carga/',
  's3://carga/a/../b',
  's3://carga/%2e%2e/b',
  's3://carga/a/%252e%252e/b',
  's3://erp/exports/x?/../../secret',
  's3://erp/exports/x#/../../secret',
  's3://erp/exports/%2e%2e%2fsecret',
  'http://127.0.0.1:9000/erp/exports%2f..%2fsecret',
  's3://user@carga/x',
  's3://carga:80/x',
  'http://127.0.0.1:9000/other/x',
  'http://127.0.0.1:9000/carga/../other/x',
  'http://127.0.0.1:9001/carga/x',
  'https://127.0.0.1:9000/carga/x',
  'http://127.0.0.1/carga/x',
  'http://localhost:9000/carga/x',
  'http://user:pw@127.0.0.1:9000/carga/x',
  'http://169.254.169.254/latest/meta-data/',
  'http://2130706433:9000/other/x',
  'http://[::1]:9000/carga/x',
  'http://carga.evil.example/x',
  'file:///etc/passwd',
  'gopher://127.0.0.1:9000/carga/x',
  'carga/x',
  '//carga/x',
  '',
])('refuses %s', (url) => {
  expect(codeOf(url)).toBe('source_not_allowed');
});

test('never repeats a signature in its words', () => {
  try {
    parseSourceUrl('http://evil.example/carga/x?X-Amz-Signature=secret', rules);
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  }
});
