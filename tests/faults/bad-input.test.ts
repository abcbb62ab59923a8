import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(`create schema ruins; create table ruins.pessoas (id int primary key, nome text not null);
                         insert into ruins.pessoas values (1, 'fica')`);
  expect((await client.call('POST', '/api/figuras', { name: 'pessoas', table: 'ruins.pessoas' })).status).toBe(201);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const table = async () => (await client.db.query('select * from ruins.pessoas order by id')).rows;
const untouched = [{ id: 1, nome: 'fica' }];
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('refused at the door', () => {
  test.each([
    ['no such figura', () => client.enqueue('nao_existe', { url: 's3://carga/x.parquet' }), 404, 'figura_not_found'],
    [
      'a figura name with a quote',
      () => client.call('GET', `/api/figuras/${encodeURIComponent(`x';--`)}`),
      404,
      'figura_not_found',
    ],
    [
      'no such object',
      () => client.enqueue('pessoas', { url: `s3://${stack.s3.bucket}/nada.parquet` }),
      422,
      'source_not_found',
    ],
    [
      'no such object under the uploads',
      () => client.enqueue('pessoas', { url: `s3://${stack.s3.bucket}/uploads/pessoas/x/nada.parquet` }),
      422,
      'source_not_found',
    ],
    [
      "another figura's upload",
      async () => client.enqueue('pessoas', { url: await client.upload('fornecedores', '{"id":1}', 'alheio.ndjson') }),
      403,
      'source_not_allowed',
    ],
    ['a foreign bucket', () => client.enqueue('pessoas', { url: 's3://alheio/x.parquet' }), 403, 'source_not_allowed'],
    [
      'a metadata address',
      () => client.enqueue('pessoas', { url: 'http://169.254.169.254/latest' }),
      403,
      'source_not_allowed',
    ],
    ['no body', () => client.call('PUT', '/api/pessoas/_bulk'), 400, 'invalid_json'],
    [
      'unknown fields',
      () => client.call('PUT', '/api/pessoas/_bulk', { url: 's3://a/b', modo: 'x', onError: 'talvez' }),
      422,
      'invalid_request',
    ],
    [
      'a file over the limit',
      () => client.call('POST', '/api/pessoas/_bulk/uploads', { fileName: 'x.csv', size: 2 ** 50 }),
      413,
      'file_too_large',
    ],
    [
      'no credentials',
      () => client.call('GET', '/api/figuras', undefined, { authorization: '' }),
      401,
      'unauthenticated',
    ],
    [
      'a wrong key',
      () => client.call('GET', '/api/figuras', undefined, { authorization: 'Bearer errada' }),
      401,
      'invalid_credentials',
    ],
    [
      'a status of another figura',
      () => client.call('GET', '/api/fornecedores/_bulk/status/8d7f2f9e-0000-4000-8000-000000000000'),
      404,
      'job_not_found',
    ],
    [
      'a status that is no id',
      () => client.call('GET', `/api/pessoas/_bulk/status/${encodeURIComponent("' or 1=1")}`),
      404,
      'job_not_found',
    ],
    ['a forged cursor', () => client.call('GET', '/api/jobs?cursor=eyJ4Ijox'), 422, 'invalid_cursor'],
    [
      'a table that is not there',
      () => client.call('POST', '/api/figuras', { name: 'outra', table: 'ruins.outra' }),
      422,
      'table_not_found',
    ],
    [
      'a key that is not unique',
      () => client.call('POST', '/api/figuras', { name: 'outra', table: 'ruins.pessoas', key: ['nome'] }),
      422,
      'key_not_unique',
    ],
    [
      'a figura that exists',
      () => client.call('POST', '/api/figuras', { name: 'pessoas', table: 'ruins.pessoas' }),
      409,
      'figura_exists',
    ],
    [
      'a name that is a route',
      () => client.call('POST', '/api/figuras', { name: 'jobs', table: 'ruins.pessoas' }),
      422,
      'reserved_name',
    ],
  ] as const)('%s', async (_name, call, status, code) => {
    const answer = await call();
    expect({ status: answer.status, code: answer.json?.code }).toEqual({ status, code });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      detail: expect.any(String),
      instance: expect.any(String),
      requestId: expect.any(String),
    });
    expect(answer.text).not.toMatch(/select |at \w+ \(|node_modules/);
  });

  test('a body with several faults names each one, in the language asked for', async () => {
    const body = { url: 1, mode: 'x', extra: true };
    const answer = await client.call('PUT', '/api/pessoas/_bulk', body, { 'accept-language': 'en' });
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/extra',
      '/mode',
      '/url',
    ]);
    const portuguese = await client.call('PUT', '/api/pessoas/_bulk', body);
    expect(portuguese.json.code).toBe(answer.json.code);
    expect(portuguese.json.detail).not.toBe(answer.json.detail);
  });
});

describe('files that cannot be loaded say why, and the table stays as it is', () => {
  const good = '{"id":2,"nome":"x"}\n{"id":3,"nome":"y"}\n';
  test.each([
    ['0 bytes', '', 'vazio.csv', /^empty_file$/],
    ['a PNG called Parquet', PNG, 'foto.parquet', /^format_contradiction$/],
    ['a PNG', PNG, 'foto.png', /^unknown_format$/],
    [
      'a truncated Parquet',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(5000, 7)]),
      'cortado.parquet',
      /^truncated_file$/,
    ],
    ['no key column', '{"nome":"x"}\n', 'sem-chave.ndjson', /^missing_key_column$/],
    ['10 MB of [', '['.repeat(10 * 1024 * 1024), 'fundo.json', /^(row_not_object|nesting_too_deep|malformed_json)$/],
    ['JSON that breaks off', '[{"id":1,"nome":"x"},{"id":', 'meio.json', /^(truncated_file|malformed_json)$/],
    ['an array of numbers', '[1,2,3]', 'numeros.json', /^row_not_object$/],
    [
      'invalid UTF-8',
      Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0xff, 0x22, 0x7d]),
      'bytes.ndjson',
      /^(invalid_encoding|unknown_format)$/,
    ],
  ])('%s', async (_name, bytes, fileName, code) => {
    const url = await client.upload('pessoas', bytes, fileName);
    const answer = await client.enqueue('pessoas', { url });
    let fault = answer.json;
    if (answer.status === 202) {
      const job = await client.untilEnd('pessoas', answer.json.id);
      expect(job).toMatchObject({ status: 'error', result: 'failed' });
      fault = job.error;
    } else expect(answer.status).toBe(415);
    expect(fault.code).toMatch(code);
    expect(fault.detail.length).toBeGreaterThan(20);
    expect(await table()).toEqual(untouched);
  });

  test("an unknown op is its row's fault: row, column, value", async () => {
    const url = await client.upload('pessoas', '{"id":9,"nome":"x","op":"APAGAR"}\n', 'op.ndjson');
    const { json } = await client.enqueue('pessoas', { url });
    const job = await client.untilEnd('pessoas', json.id);
    expect(job).toMatchObject({
      status: 'complete',
      result: 'partial',
      rows: { read: 1, rejected: 1 },
      stage: { ER: 1, OK: 0 },
    });
    const rows = await client.call('GET', `/api/pessoas/_bulk/status/${json.id}/rows?status=ER`);
    expect(rows.json.items).toMatchObject([
      { row: 1, column: 'op', code: 'unknown_op', data: { id: 9, op: 'APAGAR' } },
    ]);
    expect(rows.json.items[0].message).toContain('APAGAR');
    expect(await table()).toEqual(untouched);
  });

  test('rejected rows come back as a file that loads once it is mended', async () => {
    const bytes =
      '{"id":10,"nome":null,"obs":"=1+1"}\n{"id":"x","nome":"y","obs":"-1"}\n{"id":11,"nome":"bom","obs":null}\n';
    const url = await client.upload('pessoas', bytes, 'ruins.ndjson');
    const { json } = await client.enqueue('pessoas', { url });
    expect((await client.untilEnd('pessoas', json.id)).rows).toMatchObject({ inserted: 1, rejected: 2 });
    const errors = `/api/pessoas/_bulk/status/${json.id}/errors`;
    const csv = await client.call('GET', `${errors}?format=csv`, undefined, { 'accept-language': 'en' });
    const lines = csv.text
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('id,nome,obs,_row,_column,_code,_message');
    expect(lines[1]).toMatch(/^10,,"'=1\+1",1,nome,not_null,/);
    expect(lines[2]).toMatch(/^x,y,-1,2,id,invalid_value,/);
    const ndjson = await client.call('GET', `${errors}?format=ndjson`);
    const mended = ndjson.text.replace('"nome":null', '"nome":"mendado"').replace('"id":"x"', '"id":12');
    const again = await client.enqueue('pessoas', { url: await client.upload('pessoas', mended, 'mended.ndjson') });
    expect((await client.untilEnd('pessoas', again.json.id)).rows).toMatchObject({ read: 2, inserted: 2 });
    const parquet = await client.call('GET', `${errors}?format=parquet`);
    expect(parquet.text.slice(0, 4)).toBe('PAR1');
    await client.db.query('delete from ruins.pessoas where id > 1');
  });

  test('fifty equal PUTs at once are one job', async () => {
    const url = await client.upload('pessoas', good, 'bom.ndjson');
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.enqueue('pessoas', { url })));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    const id = answers[0]?.json.id;
    expect((await client.untilEnd('pessoas', id)).rows.inserted).toBe(2);
    const forced = await client.enqueue('pessoas', { url, force: true });
    expect(forced.status).toBe(202);
    expect(forced.json.id).not.toBe(id);
    expect((await client.untilEnd('pessoas', forced.json.id)).rows.unchanged).toBe(2);
  });

  test('an Idempotency-Key stands for one request', async () => {
    const url = await client.upload('pessoas', good, 'chave.ndjson');
    const headers = { 'idempotency-key': 'um' };
    const first = await client.call('PUT', '/api/pessoas/_bulk', { url, force: true }, headers);
    const again = await client.call('PUT', '/api/pessoas/_bulk', { url, force: true }, headers);
    expect([first.status, again.status, again.json.id]).toEqual([202, 202, first.json.id]);
    const other = await client.call('PUT', '/api/pessoas/_bulk', { url, onError: 'abort' }, headers);
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
    await client.untilEnd('pessoas', first.json.id);
  });

  test('an object that changed after the enqueue is not loaded', async () => {
    await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
    const ticket = await client.call('POST', '/api/pessoas/_bulk/uploads', {
      fileName: 'muda.ndjson',
      size: good.length,
    });
    const put = (body: string) => fetch(ticket.json.put.url, { method: 'PUT', headers: ticket.json.put.headers, body });
    expect((await put(good)).status).toBe(200);
    const { json } = await client.enqueue('pessoas', { url: ticket.json.url });
    expect((await put(good.replace('x', 'z'))).status).toBe(200);
    stack.startWorker();
    expect(await client.untilEnd('pessoas', json.id)).toMatchObject({
      status: 'error',
      error: { code: 'source_changed' },
    });
  });
});
