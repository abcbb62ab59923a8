// Requests made from the OpenAPI document, right and wrong: no answer outside it, none of 500 and above.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ContractClient, type ContractRequest, openContractClient } from '../support/contract.ts';
import { bodyArbitrary, parameterArbitrary } from '../support/schema-arbitrary.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

/** Enough to meet every route some forty times in half a minute; a longer run is a matter of the variable. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1500);
const SECONDS = 120 + REQUESTS / 20;
/** The same requests each time, so that what fails once fails again; another number makes others. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);

let stack: Stack;
let client: StackClient;
let contract: ContractClient;
const known = { figura: ['alvo', 'fornecedores'], id: [] as string[], deliveryId: [] as string[], url: [] as string[] };

beforeAll(async () => {
  stack = await startStack({ env: { RATE_LIMIT_PER_MINUTE: '1000000', WEBHOOK_ALLOWED_HOSTS: '127.0.0.1:1' } });
  client = await openStackClient(stack);
  contract = await openContractClient(stack.url, stack.apiKey);
  await client.db.query('create schema fuzz; create table fuzz.alvo (id int primary key, nome text not null)');
  await client.call('POST', '/api/figuras', { name: 'alvo', table: 'fuzz.alvo' });
  const url = await client.upload('alvo', '{"id":1,"nome":"a"}\n{"id":2}\n', 'a.ndjson');
  const job = await client.enqueue('alvo', { url });
  await client.untilEnd('alvo', job.json.id);
  const large = { fileName: 'g.csv', size: 200 * 1024 * 1024 };
  const upload = await client.call('POST', '/api/alvo/_bulk/uploads', large);
  const key = await client.call('POST', '/api/keys', { name: 'k', role: 'viewer', figuras: ['*'] });
  const user = await client.call('POST', '/api/users', { email: 'f@x', name: 'f', role: 'viewer' });
  const receiver = { url: 'http://127.0.0.1:1/', description: 'f' };
  const webhook = await client.call('POST', '/api/webhooks', receiver);
  const delivery = await client.call('POST', `/api/webhooks/${webhook.json.id}/test`);
  known.id = [job, upload, key, user, webhook].map(({ json }) => json.id);
  known.deliveryId = [delivery.json.id];
  known.url = [url, `s3://${stack.s3.bucket}/nada.csv`];
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

// biome-ignore lint/suspicious/noExplicitAny: a document is data
function requestArbitrary(path: string, method: string, operation: any, schemas: any): fc.Arbitrary<ContractRequest> {
  const parametersIn = (place: string) => operation.parameters.filter((one: { in: string }) => one.in === place);
  const inPath = parametersIn('path').map(
    ({ name, schema }: { name: 'figura' | 'id' | 'deliveryId'; schema: object }) => [
      name,
      // A dot or two would be tidied away by fetch, and be another route.
      fc
        .oneof(
          { weight: 5, arbitrary: fc.constantFrom(...known[name]) },
          { weight: 1, arbitrary: parameterArbitrary(schema) },
        )
        .filter((value) => value.isWellFormed() && !/^\.{0,2}$/.test(value)),
    ],
  );
  const inQuery = parametersIn('query').map(({ name, schema }: { name: string; schema: object }) => [
    name,
    parameterArbitrary(schema),
  ]);
  const isEnqueue = operation.operationId === 'enqueueJob';
  const body = operation.requestBody
    ? bodyArbitrary(operation.requestBody.content['application/json'].schema, schemas).chain((made) =>
        isEnqueue && typeof made === 'object' && made !== null && !Array.isArray(made)
          ? fc.constantFrom(...known.url).map((url) => ({ ...made, url }))
          : fc.constant(made),
      )
    : fc.constant(undefined);
  return fc.record({
    route: fc.constant(`${method.toUpperCase()} ${path}`),
    params: fc.record(Object.fromEntries(inPath)) as fc.Arbitrary<Record<string, string>>,
    query: fc.record(Object.fromEntries(inQuery), { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>,
    body,
  });
}

test(
  `${REQUESTS} generated requests get answers that are in the document, none of them 500 or more`,
  async () => {
    const { paths, components } = contract.document;
    const requests = Object.entries(paths as Record<string, Record<string, object>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) =>
        requestArbitrary(path, method, operation, components.schemas),
      ),
    );
    const statuses = new Map<number, number>();
    // Making all that blocks this process for longer than the server keeps a connection: let it notice which are gone.
    await sleep(500);
    await fc.assert(
      fc.asyncProperty(fc.oneof(...requests), async (request) => {
        // Held back for up to 30 s where a job waits; that is tested elsewhere.
        if (request.query?.wait) request.query.wait = request.query.wait.replace(/^\d+$/, '0');
        const answer = await contract.call(request);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.faults).toEqual([]);
        expect(answer.status).toBeLessThan(500);
        // The figura of the other requests comes back.
        if (request.route === 'DELETE /api/figuras/{figura}' && answer.status === 204) {
          await client.call('POST', '/api/figuras', { name: request.params?.figura, table: 'fuzz.alvo' });
        }
      }),
      { seed: SEED, numRuns: REQUESTS, endOnFailure: true },
    );
    console.log(
      `answers by status: ${[...statuses]
        .sort()
        .map((pair) => pair.join(': '))
        .join(', ')}`,
    );
  },
  SECONDS * 1000,
);

test('no secret stands in a log, an error, a task or the audit, and nothing unforeseen happened', async () => {
  expect(await findSecrets(stack, client, contract.problems)).toEqual([]);
  expect(stack.readLogs().match(/"code":"(internal|P\d+)"|unexpected fault/g)).toBeNull();
});
