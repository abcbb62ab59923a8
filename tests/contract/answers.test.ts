// Each route called on the real product; every answer is held against the document it is made from.
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '#lib/api/routes.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import { openSpreadsheet } from '#lib/formats/spreadsheet/open-spreadsheet.ts';
import { logIn } from '../support/browser-session.ts';
import {
  type ContractAnswer,
  type ContractClient,
  type ContractRequest,
  openContractClient,
} from '../support/contract.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const FIVE_HUNDRED_MEGABYTES = 500 * 1024 * 1024;
const NO_ID = '00000000-0000-4000-8000-000000000000';

let stack: Stack;
let client: StackClient;
let contract: ContractClient;
const called = new Set<string>();
const secrets: string[] = [];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  contract = await openContractClient(stack.url, stack.apiKey);
  await client.db.query(
    'create schema prova; create table prova.itens (id int primary key, nome text not null, preco numeric(10,2))',
  );
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

/** Calls a route and wants this status, and an answer that is in the document. */
async function call(route: keyof typeof ROUTES, status: number, rest: Omit<ContractRequest, 'route'> = {}) {
  called.add(route);
  const answer: ContractAnswer = await contract.call({ route, ...rest });
  expect({
    route,
    status: answer.status,
    faults: answer.faults,
    text: answer.status === status ? '' : answer.text,
  }).toEqual({
    route,
    status,
    faults: [],
    text: '',
  });
  return answer;
}

const itens = { figura: 'itens' };
const job = (id: string) => ({ params: { ...itens, id } });

describe('figuras', () => {
  test('are registered, shown, changed, described', async () => {
    await call('POST /api/figuras', 201, { body: { name: 'itens', table: 'prova.itens' } });
    await call('POST /api/figuras', 409, { body: { name: 'itens', table: 'prova.itens' } });
    await call('POST /api/figuras', 422, { body: { name: 'X' } });
    await call('POST /api/figuras', 400, { body: '{' });
    const { json } = await call('GET /api/figuras/{figura}', 200, { params: itens });
    expect(json).toMatchObject({ name: 'itens', key: ['id'], lastJob: null });
    await call('GET /api/figuras/{figura}', 404, { params: { figura: 'nada' } });
    await call('PATCH /api/figuras/{figura}', 200, { params: itens, body: { title: 'Itens' } });
    const own = await call('PATCH /api/figuras/{figura}', 200, {
      params: itens,
      body: { mapping: { Preço: 'preco' } },
    });
    expect(own.json.mapping).toEqual({ Preço: 'preco' });
    for (const mapping of [{ x: 'nada' }, { x: 'nome', y: 'nome' }, JSON.parse('{"__proto__":"nome"}')])
      await call('PATCH /api/figuras/{figura}', 422, { params: itens, body: { mapping } });
    await call('GET /api/figuras/{figura}/row-count', 200, { params: itens, query: { exact: 'true' } });
    await call('GET /api/figuras/{figura}/row-count', 422, { params: itens, query: { exact: 'talvez' } });
    await call('GET /api/figuras/{figura}/documentation', 200, { params: itens });
    await call('GET /api/figuras/{figura}/documentation', 404, { params: { figura: 'nada' } });
    const first = await call('GET /api/figuras', 200, { query: { limit: '1' } });
    expect(first.headers.get('link')).toContain('rel="next"');
    const second = await call('GET /api/figuras', 200, { query: { limit: '1', cursor: first.json.nextCursor } });
    expect([first.json.items[0].name, second.json.items[0].name]).toEqual(['fornecedores', 'itens']);
    const schema = await call('GET /api/{figura}/_bulk/schema', 200, { params: itens });
    expect(schema.json.properties).toHaveProperty('preco');
  });

  test.each(['csv', 'json', 'parquet'])(
    'give a template in %s that loads as it is, with an example row or without',
    async (format) => {
      const delimiters = format === 'csv' ? [',', ';'] : [','];
      for (const [figura, delimiter] of ['itens', 'fornecedores'].flatMap((name) =>
        delimiters.map((mark) => [name, mark] as const),
      )) {
        const template = await call('GET /api/{figura}/_bulk/template', 200, {
          params: { figura },
          query: { format, delimiter },
        });
        expect(template.headers.get('content-disposition')).toContain(`${figura}.${format}`);
        const url = await client.upload(figura, template.bytes, `modelo.${format}`);
        const { json } = await call('PUT /api/{figura}/_bulk', 202, { params: { figura }, body: { url } });
        const ended = await client.untilEnd(figura, json.id);
        expect([ended.status, ended.result, ended.rows.read, ended.rows.rejected]).toEqual([
          'complete',
          'success',
          1,
          0,
        ]);
      }
      const query = { format, example: 'false' };
      const empty = await call('GET /api/{figura}/_bulk/template', 200, { params: itens, query });
      const url = await client.upload('itens', empty.bytes, `vazio.${format}`);
      const { json } = await call('PUT /api/{figura}/_bulk', 202, { params: itens, body: { url } });
      const ended = await client.untilEnd('itens', json.id);
      expect([ended.status, ended.result, ended.rows.read]).toEqual(['complete', 'success', 0]);
    },
  );

  test('give a template as a spreadsheet, whose rows load and whose cells of text are marked as such', async () => {
    const template = async (figura: string, example: boolean) => {
      const query = { format: 'xlsx', example: String(example) };
      const { bytes } = await call('GET /api/{figura}/_bulk/template', 200, { params: { figura }, query });
      return bytes;
    };
    const sheetOf = async (bytes: Uint8Array) => {
      const book = await openSpreadsheet(new Blob([bytes as BlobPart]));
      return text(Readable.from(book.openSheet(0)));
    };
    for (const figura of ['itens', 'fornecedores']) {
      const csv = await sheetOf(await template(figura, true));
      const url = await client.upload(figura, new TextEncoder().encode(csv), 'modelo.csv');
      const { json } = await call('PUT /api/{figura}/_bulk', 202, { params: { figura }, body: { url } });
      const { result, rows } = await client.untilEnd(figura, json.id);
      expect([result, rows.read, rows.rejected]).toEqual(['success', 1, 0]);
      expect(await sheetOf(await template(figura, false))).toBe(`${csv.split('\n')[0]}\n`);
    }
    const parts = unzipSync(await template('fornecedores', false));
    const [sheet, styles] = ['xl/worksheets/sheet1.xml', 'xl/styles.xml'].map((name) =>
      strFromU8(parts[name] as Uint8Array),
    );
    const style = Number(/<c r="A1001" s="(\d+)"\/>/.exec(sheet as string)?.[1]);
    const formats = [...((styles as string).split('<cellXfs')[1]?.matchAll(/<xf (?:numFmtId="(\d+)")?/g) ?? [])];
    expect(styles).toContain(`<numFmt numFmtId="${formats[style]?.[1]}" formatCode="@"/>`);
  });
});

describe('uploads', () => {
  test('of one request', async () => {
    const { json } = await call('POST /api/{figura}/_bulk/uploads', 201, {
      params: itens,
      body: { fileName: 'ç "x".csv', size: 3, contentType: 'text/csv' },
    });
    const again = await call('GET /api/{figura}/_bulk/uploads/{id}', 200, job(json.id));
    expect(again.json).toMatchObject({ id: json.id, url: json.url, status: 'open', uploaded: [] });
    await call('POST /api/{figura}/_bulk/uploads/{id}/complete', 409, {
      ...job(json.id),
      body: { parts: [{ partNumber: 1, etag: 'x' }] },
    });
    await call('DELETE /api/{figura}/_bulk/uploads/{id}', 204, job(json.id));
    await call('DELETE /api/{figura}/_bulk/uploads/{id}', 409, job(json.id));
    await call('GET /api/{figura}/_bulk/uploads/{id}', 404, job(NO_ID));
    const closed = await call('GET /api/{figura}/_bulk/uploads/{id}', 200, job(json.id));
    expect(closed.json.status).toBe('aborted');
    expect(closed.json.put).toBeUndefined();
  });

  test('of several parts, taken up again with fresh addresses', async () => {
    const { json } = await call('POST /api/{figura}/_bulk/uploads', 201, {
      params: itens,
      body: { fileName: 'grande.csv', size: FIVE_HUNDRED_MEGABYTES },
    });
    const body = Buffer.alloc(json.multipart.partSize, 'a');
    const put = await fetch(json.multipart.parts[1].url, { method: 'PUT', body });
    const { json: resumed } = await call('GET /api/{figura}/_bulk/uploads/{id}', 200, job(json.id));
    expect(resumed.uploaded).toEqual([
      { partNumber: 2, etag: put.headers.get('etag')?.replaceAll('"', ''), size: body.length },
    ]);
    expect(resumed.multipart.parts).toHaveLength(json.multipart.parts.length);
    expect(Date.parse(resumed.expiresAt)).toBeGreaterThanOrEqual(Date.parse(json.expiresAt));
    expect((await fetch(resumed.multipart.parts[0].url, { method: 'PUT', body })).status).toBe(200);
    await call('POST /api/{figura}/_bulk/uploads/{id}/complete', 422, {
      ...job(json.id),
      body: { parts: [{ partNumber: 1, etag: 'falsa' }] },
    });
    await call('DELETE /api/{figura}/_bulk/uploads/{id}', 204, job(json.id));
  });
});

describe('an upload whose addresses are too old', () => {
  const SINGLE_LIMIT = 64 * 1024 * 1024;
  /** As a bucket sees addresses signed yesterday. */
  const age = (url: string) => url.replace(/X-Amz-Date=\d+/, 'X-Amz-Date=20200101');

  test.each([
    ['in one request', 1000],
    ['in parts', SINGLE_LIMIT + 1000],
  ])('goes on with fresh ones, %s', async (_name, size) => {
    let renewals = 0;
    const uploaded = await uploadFile(
      {
        ...client.api,
        async createUpload(...args) {
          const ticket = await client.api.createUpload(...args);
          if (ticket.put) ticket.put.url = age(ticket.put.url);
          for (const part of ticket.multipart?.parts ?? []) part.url = age(part.url);
          return ticket;
        },
        async getUpload(...args) {
          renewals++;
          return client.api.getUpload(...args);
        },
      },
      { figura: 'itens', source: new Blob([Buffer.alloc(size, 'x')]), fileName: 'velho.csv' },
    );
    expect(uploaded.size).toBe(size);
    expect(renewals).toBe(1);
  });
});

describe('jobs', () => {
  let id: string;

  test('are enqueued once, watched, listed', async () => {
    const url = await client.upload(
      'itens',
      'id,nome,preco\r\n7,x,"1.5"\r\n8,,2\r\n9,y,z\r\n10,w,3\r\n10,w,4\r\n',
      'itens.csv',
    );
    const first = await call('PUT /api/{figura}/_bulk', 202, { params: itens, body: { url } });
    id = first.json.id;
    expect(first.headers.get('location')).toBe(`/api/itens/_bulk/status/${id}`);
    await call('PUT /api/{figura}/_bulk', 200, { params: itens, body: { url } });
    const events = await call('GET /api/{figura}/_bulk/status/{id}/events', 200, job(id));
    expect(events.text).toContain('"status":"complete"');
    const { json } = await call('GET /api/{figura}/_bulk/status/{id}', 200, { ...job(id), query: { wait: '5' } });
    expect(json).toMatchObject({ status: 'complete', result: 'partial', rows: { read: 5, rejected: 2, skipped: 1 } });
    await call('GET /api/{figura}/_bulk', 200, { params: itens, query: { status: 'complete,error', q: 'itens' } });
    await call('GET /api/{figura}/_bulk', 404, { params: { figura: 'nada' } });
    await call('GET /api/{figura}/_bulk', 422, { params: itens, query: { status: 'nada' } });
    const page = await call('GET /api/jobs', 200, { query: { limit: '1' } });
    await call('GET /api/jobs', 200, { query: { cursor: page.json.nextCursor } });
    await call('GET /api/jobs', 422, { query: { cursor: 'WyJ4Il0' } });
    await call('GET /api/jobs', 200, { query: { sort: 'fileName', order: 'asc' } });
    await call('GET /api/jobs', 422, { query: { sort: 'fileName', cursor: page.json.nextCursor } });
    expect((await call('GET /api/jobs/authors', 200)).json.names).toContain('CARGA_API_KEY');
    await call('GET /api/overview', 200, { query: { zone: 'America/Sao_Paulo' } });
    await call('GET /api/overview', 422, { query: { zone: 'Nowhere/Land' } });
    await call('GET /api/{figura}/_bulk/status/{id}/history', 200, job(id));
  });

  test('give their rows and files back', async () => {
    await call('GET /api/{figura}/_bulk/status/{id}/rows', 200, { ...job(id), query: { limit: '1' } });
    await call('GET /api/{figura}/_bulk/status/{id}/rows', 200, { ...job(id), query: { status: 'SK' } });
    await call('GET /api/{figura}/_bulk/status/{id}/changes', 200, job(id));
    for (const format of ['csv', 'json', 'ndjson', 'parquet']) {
      await call('GET /api/{figura}/_bulk/status/{id}/errors', 200, { ...job(id), query: { format } });
      await call('GET /api/{figura}/_bulk/status/{id}/file', 200, { ...job(id), query: { format } });
    }
    await call('GET /api/{figura}/_bulk/status/{id}/file', 200, job(id));
    await call('GET /api/{figura}/_bulk/status/{id}/file', 422, { ...job(id), query: { format: 'xlsx' } });
    await call('GET /api/{figura}/_bulk/status/{id}/file', 404, job(NO_ID));
  });

  test('are cancelled and tried again only where that makes sense', async () => {
    await call('POST /api/{figura}/_bulk/status/{id}/cancellation', 409, job(id));
    await call('POST /api/{figura}/_bulk/status/{id}/retry', 409, job(id));
    const url = await client.upload('itens', '{"nome":"sem chave"}\n', 'sem-chave.ndjson');
    const failed = await call('PUT /api/{figura}/_bulk', 202, { params: itens, body: { url } });
    expect((await client.untilEnd('itens', failed.json.id)).status).toBe('error');
    await call('POST /api/{figura}/_bulk/status/{id}/retry', 202, job(failed.json.id));
    await client.untilEnd('itens', failed.json.id);
    await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
    const waiting = await call('PUT /api/{figura}/_bulk', 202, { params: itens, body: { url, force: true } });
    const cancelled = await call('POST /api/{figura}/_bulk/status/{id}/cancellation', 202, job(waiting.json.id));
    expect(cancelled.json.status).toBe('cancelled');
    // Where an attempt came before, the next worker takes away what that one staged.
    const tried = await call('PUT /api/{figura}/_bulk', 202, { params: itens, body: { url, force: true } });
    const chunk = `carga_stage.chunk_${tried.json.id.replaceAll('-', '')}_1_0123456789ab`;
    await client.db.query('update carga.jobs set attempt = 1 where id = $1', [tried.json.id]);
    await client.db.query(`set role carga_app; create table ${chunk} (n bigint); reset role`);
    await call('POST /api/{figura}/_bulk/status/{id}/cancellation', 202, job(tried.json.id));
    stack.startWorker();
    const isThere = async () => (await client.db.query('select to_regclass($1) as t', [chunk])).rows[0].t;
    await expect.poll(isThere, { timeout: 30_000 }).toBeNull();
  });
});

describe('administration', () => {
  test('of keys', async () => {
    const key = await call('POST /api/keys', 201, { body: { name: 'k', role: 'viewer', figuras: ['itens'] } });
    secrets.push(key.json.secret);
    await call('POST /api/keys', 422, { body: { name: 'k', role: 'rei', figuras: [] } });
    const page = await call('GET /api/keys', 200, { query: { limit: '1' } });
    expect(page.json.items[0].id).toBe(key.json.id);
    expect(page.text).not.toContain(key.json.secret);
    const rest = await call('GET /api/keys', 200, { query: { cursor: page.json.nextCursor } });
    expect(rest.json.items.map(({ name }: { name: string }) => name)).toEqual(['CARGA_API_KEY']);
    await call('DELETE /api/keys/{id}', 204, { params: { id: key.json.id } });
    await call('DELETE /api/keys/{id}', 404, { params: { id: key.json.id } });
  });

  test('of people, of whom one administrator always stays', async () => {
    const password = 'canario-segredo-1';
    secrets.push(password);
    const body = { email: 'Ana@Exemplo.org', name: 'Ana', role: 'operator', figuras: ['itens'], password };
    const ana = await call('POST /api/users', 201, { body });
    expect(ana.json).toMatchObject({ email: 'ana@exemplo.org', role: 'operator', disabledAt: null });
    await call('POST /api/users', 409, { body });
    await call('POST /api/users', 422, { body: { email: 'x', name: '', role: 'viewer' } });
    const change = await call('PATCH /api/users/{id}', 200, { params: { id: ana.json.id }, body: { disabled: true } });
    expect(change.json.disabledAt).toBeTypeOf('string');
    await call('PATCH /api/users/{id}', 404, { params: { id: NO_ID }, body: { name: 'x' } });
    const { json } = await call('GET /api/users', 200);
    const admin = json.items.find(({ role }: { role: string }) => role === 'admin');
    for (const last of [{ role: 'viewer' }, { disabled: true }]) {
      const refused = await call('PATCH /api/users/{id}', 409, { params: { id: admin.id }, body: last });
      expect(refused.json.code).toBe('last_administrator');
    }
    // Disabled administrators do not count.
    await call('PATCH /api/users/{id}', 200, { params: { id: ana.json.id }, body: { role: 'admin' } });
    await call('PATCH /api/users/{id}', 409, { params: { id: admin.id }, body: { disabled: true } });
  });

  test('of the way in by a link', async () => {
    const { json } = await call('GET /api/users', 200);
    const [ana] = json.items.filter(({ email }: { email: string }) => email === 'ana@exemplo.org');
    await call('POST /api/users/{id}/link', 409, { params: { id: ana.id } });
    await call('POST /api/users/{id}/link', 404, { params: { id: NO_ID } });
    const bia = await call('POST /api/users', 201, { body: { email: 'bia@exemplo.org', name: 'Bia', role: 'viewer' } });
    const link = await call('POST /api/users/{id}/link', 201, { params: { id: bia.json.id } });
    const token = new URL(link.json.url).hash.slice(1);
    secrets.push(token);
    const nobody = { authorization: '' };
    const holder = await call('POST /api/access-links/inspection', 200, { body: { token }, headers: nobody });
    expect(holder.json).toMatchObject({ email: 'bia@exemplo.org', isInvitation: true });
    const body = { token, password: 'canario-segredo-1' };
    await call('POST /api/access-links/acceptance', 204, { body, headers: nobody });
    await call('POST /api/access-links/acceptance', 404, { body, headers: nobody });
    const { cookie } = await logIn(stack.url, 'bia@exemplo.org', 'canario-segredo-1');
    const session = { authorization: '', cookie, origin: stack.url };
    await call('PATCH /api/profile', 200, { body: { name: 'Beatriz' }, headers: session });
    await call('PATCH /api/profile', 422, { body: { newPassword: 'outra senha' }, headers: session });
    await call('PATCH /api/profile', 403, { body: { name: 'Chave' } });
  });

  test('of webhooks', async () => {
    const made = await call('POST /api/webhooks', 201, { body: { url: 'https://8.8.8.8/carga', enabled: false } });
    secrets.push(made.json.secret);
    const params = { id: made.json.id, deliveryId: NO_ID };
    await call('POST /api/webhooks', 422, { body: { url: 'https://a:b@8.8.8.8/' } });
    const inside = await call('POST /api/webhooks', 422, { body: { url: 'http://169.254.169.254/' } });
    expect(inside.json.code).toBe('webhook_address_refused');
    await call('PATCH /api/webhooks/{id}', 422, { params, body: { url: 'http://localhost:5432' } });
    await call('PATCH /api/webhooks/{id}', 422, { params, body: { url: 'https://nada.invalid/' } });
    await call('PATCH /api/webhooks/{id}', 200, { params, body: { description: 'x', events: ['job.failed'] } });
    const shown = await call('GET /api/webhooks/{id}', 200, { params });
    expect(shown.json).toMatchObject({ description: 'x', figuras: ['*'], events: ['job.failed'], lastDelivery: null });
    const rotated = await call('POST /api/webhooks/{id}/secret', 200, { params });
    secrets.push(rotated.json.secret);
    expect(rotated.json.secret).not.toBe(made.json.secret);
    const list = await call('GET /api/webhooks', 200);
    expect(list.json.items).toHaveLength(1);
    expect(shown.text + list.text).not.toContain('whsec_');
    await call('POST /api/webhooks/{id}/test', 202, { params });
    await call('GET /api/webhooks/{id}/deliveries', 200, { params, query: { limit: '1' } });
    await call('POST /api/webhooks/{id}/deliveries/{deliveryId}/retry', 404, { params });
    await call('DELETE /api/webhooks/{id}', 204, { params });
    await call('GET /api/webhooks/{id}/deliveries', 404, { params });
  });

  test('is written down, each change with who made it', async () => {
    const first = await call('GET /api/audit', 200, { query: { limit: '2' } });
    const second = await call('GET /api/audit', 200, { query: { limit: '2', cursor: first.json.nextCursor } });
    const ids = [...first.json.items, ...second.json.items].map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    const made = await call('GET /api/audit', 200, {
      query: { action: 'user.changed', target: 'user:ana@exemplo.org' },
    });
    expect(made.json.items.at(-1)).toMatchObject({
      actor: { kind: 'apiKey', name: 'CARGA_API_KEY' },
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      before: { disabled: false },
      after: { disabled: true },
    });
    await call('GET /api/audit', 422, { query: { from: 'ontem' } });
    const csv = await call('GET /api/audit/export', 200, { query: { action: 'user.changed' } });
    expect(csv.text.split('\r\n')[0]).toContain('id,at,actor_kind');
    await expect(client.db.query('delete from carga.audit')).rejects.toThrow('append-only');
  });
});

describe('the service', () => {
  test('tells how it is', async () => {
    await call('GET /api/health/live', 200);
    // The worker was started a moment ago.
    const readiness = async () => (await client.call('GET', '/api/health/ready')).status;
    await expect.poll(readiness, { timeout: 30_000 }).toBe(200);
    await call('GET /api/health/ready', 200);
    await call('GET /api/openapi.json', 200);
    const metrics = await call('GET /api/metrics', 200);
    expect(metrics.text).toMatch(/^carga_jobs\{status="complete"\} [1-9]/m);
    expect(metrics.text).toMatch(/^carga_rows_total\{outcome="rejected"\} 2$/m);
    expect(metrics.text).toMatch(/^carga_workers 1$/m);
    expect(metrics.text).toMatch(/^carga_job_seconds_bucket\{le="\+Inf"\} [1-9]/m);
    for (const line of metrics.text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) |[a-z_]+(\{[^}]+\})? \S+$)/);
  });

  test('shows its document to people without a byte from elsewhere', async () => {
    const page = await fetch(`${stack.url}/docs`);
    const text = await page.text();
    expect(page.status).toBe(200);
    for (const { id } of Object.values(ROUTES)) expect(text).toContain(`id="${id}"`);
    const loaded = [...text.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(loaded.filter((address) => !address?.startsWith('/'))).toEqual([]);
  });

  test('answers what is no route as a program expects', async () => {
    for (const [method, path] of [
      ['GET', '/api'],
      ['GET', '/api/nada'],
      ['OPTIONS', '/api/nada'],
      ['POST', '/api/itens/_bulk/nada/nada'],
    ] as const) {
      const answer = await client.call(method, path);
      expect([answer.status, answer.json?.code]).toEqual([404, 'not_found']);
    }
    expect((await client.call('DELETE', '/api/jobs')).status).toBe(405);
  });

  test('removes a registration', async () => {
    await call('DELETE /api/figuras/{figura}', 204, { params: itens });
    await call('DELETE /api/figuras/{figura}', 404, { params: itens });
  });
});

test('every route was called', () => {
  expect([...called].sort()).toEqual(Object.keys(ROUTES).sort());
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  expect(await findSecrets(stack, client, contract.problems, secrets)).toEqual([]);
});
