import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as a receiver got it. */
export interface ReceivedMessage {
  headers: Record<string, string>;
  body: string;
}

/** A receiver of webhooks on loopback. */
export interface WebhookReceiver {
  url: string;
  /** What `WEBHOOK_ALLOWED_HOSTS` must hold. */
  host: string;
  messages: ReceivedMessage[];
  /** Statuses of the next answers, in order; 200 when there are no more. 0 does not answer at all. */
  answers: number[];
  stop(): Promise<void>;
}

/** Starts a receiver. Stop it in `afterAll`. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const messages: ReceivedMessage[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    messages.push({ headers: request.headers as Record<string, string>, body });
    const status = answers.shift() ?? 200;
    if (status > 0) response.writeHead(status).end(`answer ${messages.length}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/carga`,
    host,
    messages,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
