import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobDto } from '#lib/api/schemas.ts';
import { createApiClient } from './create-api-client.ts';
import { answerJson, collect, startTestServer, type TestServer } from './test-server.ts';
import type { WatchConnection } from './watch-job.ts';

const ID = '00000000-0000-4000-8000-000000000001';

let server: TestServer;
afterEach(() => server?.close());

function job(status: JobDto['status'], percent = 0): Partial<JobDto> {
  return { id: ID, status, progress: { percent, rowsTotal: null, rowsRead: 0, rowsPerSecond: null, etaSeconds: null } };
}

function event(id: number, body: Partial<JobDto>): string {
  return `id: ${id}\nevent: status\ndata: ${JSON.stringify(body)}\n\n`;
}

function stream(response: ServerResponse, ...events: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const text of ['retry: 10\n\n', ...events]) response.write(text);
}

/** What a watcher sees of a server whose event route answers `answers` in order, and `poll` whose status route. */
async function watch(
  answers: ((request: IncomingMessage, response: ServerResponse) => void)[],
  poll: (response: ServerResponse, tries: number) => void = () => {},
) {
  let polls = 0;
  server = await startTestServer((request, response) => {
    if (!request.url?.endsWith('/events')) return poll(response, ++polls);
    const answer = answers.shift();
    if (answer) answer(request, response);
    else response.writeHead(500).end();
  });
  const connections: WatchConnection[] = [];
  const client = createApiClient({ baseUrl: server.url });
  const states = await collect(
    client.watchJob('fornecedores', ID, { onConnection: (connection) => connections.push(connection) }),
  );
  return { seen: states.map((state) => [state.status, state.progress.percent]), connections };
}

describe('watchJob', () => {
  it('gives each state until the job ends, then closes the stream itself', async () => {
    const { seen, connections } = await watch([
      (_, response) =>
        stream(response, event(1, job('queued')), event(2, job('processing', 40)), event(3, job('complete', 100))),
    ]);
    expect(seen).toEqual([
      ['queued', 0],
      ['processing', 40],
      ['complete', 100],
    ]);
    expect(connections).toEqual(['live']);
  });

  it('resumes a stream that broke off and never goes backwards', async () => {
    const { seen, connections } = await watch([
      (request, response) => {
        stream(response, event(9, job('processing', 40)), event(10, job('processing', 50)));
        setTimeout(() => request.socket.destroy(), 50);
      },
      (request, response) => {
        expect(request.headers['last-event-id']).toBe('10');
        stream(
          response,
          event(9, job('processing', 40)),
          event(10, job('processing', 50)),
          event(11, job('complete', 100)),
        );
        response.end();
      },
    ]);
    expect(seen).toEqual([
      ['processing', 40],
      ['processing', 50],
      ['complete', 100],
    ]);
    expect(connections).toEqual(['live', 'reconnecting', 'live']);
  });

  it('asks the status route when events do not come through', async () => {
    const empty = (_: IncomingMessage, response: ServerResponse) => {
      stream(response);
      response.end();
    };
    const { seen, connections } = await watch([empty, empty, empty], (response, tries) =>
      answerJson(response, 200, tries === 1 ? job('processing', 70) : job('error', 70)),
    );
    expect(seen).toEqual([
      ['processing', 70],
      ['error', 70],
    ]);
    expect(connections.at(-1)).toBe('polling');
  });

  it('asks the status route at once when something else than events is answered', async () => {
    const { seen } = await watch([(_, response) => answerJson(response, 200, {})], (response) =>
      answerJson(response, 200, job('complete', 100)),
    );
    expect(seen).toEqual([['complete', 100]]);
  });

  it('does not insist on a job that may not be seen', async () => {
    const answer = watch([(_, response) => answerJson(response, 404, { code: 'job_not_found', detail: 'Não há.' })]);
    await expect(answer).rejects.toMatchObject({ code: 'job_not_found' });
    expect(server.requests).toHaveLength(1);
  });

  it('survives a service that restarts', async () => {
    const { seen } = await watch([
      (_, response) => stream(response, event(1, job('queued'))) ?? setTimeout(() => response.destroy(), 20),
      (_, response) => response.destroy(),
      (_, response) => answerJson(response, 503, { code: 'database_unavailable' }),
      (_, response) => stream(response, event(5, job('complete', 100))),
    ]);
    expect(seen).toEqual([
      ['queued', 0],
      ['complete', 100],
    ]);
  });
});
