import 'server-only';
import type { z } from 'zod';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { Prisma, Webhook, WebhookDelivery } from '../db/generated/client.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { enqueueWebhookDelivery } from '../queue/webhook-task.ts';
import type { Services } from '../services.ts';
import { MAX_TRIES } from '../webhooks/deliver-webhook.ts';
import { findPublicAddresses } from '../webhooks/public-address.ts';
import { deriveSealingKey, sealSecret } from '../webhooks/seal-secret.ts';
import { generateWebhookSecret } from '../webhooks/sign-webhook.ts';
import { TEST_EVENT, type WebhookTry } from '../webhooks/webhook-events.ts';
import { isUuid, newestFirst, type PageRequest } from './paging.ts';
import type {
  changeWebhookSchema,
  createdWebhookSchema,
  createWebhookSchema,
  webhookDeliverySchema,
  webhookSchema,
} from './webhook-schemas.ts';

type WebhookDto = z.infer<typeof webhookSchema>;
type CreatedWebhookDto = z.infer<typeof createdWebhookSchema>;
type DeliveryDto = z.infer<typeof webhookDeliverySchema>;
type WebhookRow = Omit<Webhook, 'secret' | 'previousSecret'> & {
  deliveries: Pick<WebhookDelivery, 'status' | 'createdAt'>[];
};

/** How long the secret before signs as well: a day to change the receiver over. */
const CHANGE_OVER_MS = 24 * 3600 * 1000;

// Secrets stay in the database, sealed: no answer but the one that makes them may hold them.
const SHOWN = {
  omit: { secret: true, previousSecret: true },
  include: { deliveries: { select: { status: true, createdAt: true }, orderBy: { createdAt: 'desc' }, take: 1 } },
} as const satisfies Prisma.WebhookDefaultArgs;

const time = (value: Date | null) => value?.toISOString() ?? null;

/** A webhook as the wire carries it. */
export function toWebhookDto(webhook: WebhookRow): WebhookDto {
  const { id, url, description, figuras, enabled, previousSecretUntil, deliveries } = webhook;
  const last = deliveries[0];
  return {
    id,
    url,
    description,
    figuras,
    events: webhook.events as WebhookDto['events'],
    enabled,
    previousSecretUntil: time(previousSecretUntil && previousSecretUntil > new Date() ? previousSecretUntil : null),
    lastDelivery: last ? { status: last.status, createdAt: last.createdAt.toISOString() } : null,
    createdAt: webhook.createdAt.toISOString(),
    updatedAt: webhook.updatedAt.toISOString(),
  };
}

/** A delivery as the wire carries it. */
export function toDeliveryDto(delivery: WebhookDelivery): DeliveryDto {
  const { id, jobId, status, attempts, body } = delivery;
  return {
    id,
    messageId: `msg_${id}`,
    event: delivery.event as DeliveryDto['event'],
    jobId,
    status,
    attempts,
    nextTryAt: time(delivery.nextTryAt),
    tries: delivery.tries as unknown as WebhookTry[],
    body,
    createdAt: delivery.createdAt.toISOString(),
    finishedAt: time(delivery.finishedAt),
  };
}

/** Webhooks, newest first; one more than the limit, to tell whether there is a next page. */
export function listWebhooks({ prisma }: Services, page: PageRequest): Promise<WebhookRow[]> {
  return prisma.webhook.findMany({ ...newestFirst(page), ...SHOWN });
}

/** A webhook. @throws AppError `webhook_not_found` */
export async function findWebhook(db: Pick<Services['prisma'], 'webhook'>, id: string): Promise<WebhookRow> {
  const found = isUuid(id) ? await db.webhook.findUnique({ where: { id }, ...SHOWN }) : null;
  if (!found) throw new AppError('webhook_not_found', `no webhook ${id}`, { details: { id } });
  return found;
}

/** Makes a webhook and shows its secret this once. @throws AppError `webhook_host_not_found`, `webhook_address_refused` */
export async function createWebhook(
  { prisma, env }: Services,
  caller: Caller,
  request: z.infer<typeof createWebhookSchema>,
): Promise<CreatedWebhookDto> {
  await findPublicAddresses(new URL(request.url), env.WEBHOOK_ALLOWED_HOSTS);
  const secret = generateWebhookSecret();
  return prisma.$transaction(async (tx) => {
    const created = await tx.webhook.create({
      data: { ...request, secret: sealSecret(secret, deriveSealingKey(env.AUTH_SECRET)) },
      ...SHOWN,
    });
    await recordAudit(tx, caller, {
      action: 'webhook.created',
      target: `webhook:${created.id}`,
      after: { ...request },
    });
    return { ...toWebhookDto(created), secret };
  });
}

const settingsOf = ({ url, description, figuras, events, enabled }: WebhookRow) => ({
  url,
  description,
  figuras,
  events,
  enabled,
});

/** Changes a webhook. @throws AppError `webhook_not_found`, `webhook_host_not_found`, `webhook_address_refused` */
export async function changeWebhook(
  { prisma, env }: Services,
  caller: Caller,
  id: string,
  change: z.infer<typeof changeWebhookSchema>,
): Promise<WebhookDto> {
  await findWebhook(prisma, id);
  if (change.url !== undefined) await findPublicAddresses(new URL(change.url), env.WEBHOOK_ALLOWED_HOSTS);
  return prisma.$transaction(async (tx) => {
    const before = await findWebhook(tx, id);
    const after = await tx.webhook.update({ where: { id }, data: change, ...SHOWN });
    await recordAudit(tx, caller, {
      action: 'webhook.changed',
      target: `webhook:${id}`,
      before: settingsOf(before),
      after: settingsOf(after),
    });
    return toWebhookDto(after);
  });
}

/** Removes a webhook with its log. @throws AppError `webhook_not_found` */
export async function removeWebhook({ prisma }: Services, caller: Caller, id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const before = await findWebhook(tx, id);
    await tx.webhook.deleteMany({ where: { id } });
    await recordAudit(tx, caller, {
      action: 'webhook.removed',
      target: `webhook:${id}`,
      before: settingsOf(before),
    });
  });
}

/** Gives a webhook a new secret, shown this once; the old one signs as well for a day. @throws AppError `webhook_not_found` */
export async function rotateWebhookSecret(
  { prisma, env }: Services,
  caller: Caller,
  id: string,
): Promise<CreatedWebhookDto> {
  const secret = generateWebhookSecret();
  return prisma.$transaction(async (tx) => {
    await findWebhook(tx, id);
    const { secret: previousSecret } = await tx.webhook.findUniqueOrThrow({ where: { id }, select: { secret: true } });
    const previousSecretUntil = new Date(Date.now() + CHANGE_OVER_MS);
    const after = await tx.webhook.update({
      where: { id },
      data: {
        secret: sealSecret(secret, deriveSealingKey(env.AUTH_SECRET)),
        // Sealed as it was.
        previousSecret,
        previousSecretUntil,
      },
      ...SHOWN,
    });
    await recordAudit(tx, caller, {
      action: 'webhook.secret_changed',
      target: `webhook:${id}`,
      after: { previousSecretUntil: previousSecretUntil.toISOString() },
    });
    return { ...toWebhookDto(after), secret };
  });
}

/** What was sent to a webhook, newest first; one more than the limit. @throws AppError `webhook_not_found` */
export async function listDeliveries({ prisma }: Services, id: string, page: PageRequest): Promise<WebhookDelivery[]> {
  await findWebhook(prisma, id);
  return prisma.webhookDelivery.findMany({ where: { webhookId: id }, ...newestFirst(page) });
}

/** Sends a message of no consequence, once. @throws AppError `webhook_not_found` */
export async function testWebhook(services: Services, caller: Caller, id: string): Promise<DeliveryDto> {
  const { prisma, pool } = services;
  await findWebhook(prisma, id);
  const body = JSON.stringify({ type: TEST_EVENT, timestamp: new Date().toISOString(), data: { webhookId: id } });
  const deliveryId = await withPoolTransaction(pool, async (db) => {
    const { rows } = await db.query(
      `insert into carga.webhook_deliveries (webhook_id, event, body, tries_left) values ($1, $2, $3, 1) returning id`,
      [id, TEST_EVENT, body],
    );
    await enqueueWebhookDelivery(db, { id: rows[0].id, webhookId: id });
    await recordAudit(db, caller, { action: 'webhook.tested', target: `webhook:${id}` });
    return rows[0].id as string;
  });
  return toDeliveryDto(await prisma.webhookDelivery.findUniqueOrThrow({ where: { id: deliveryId } }));
}

/** Sends a message again, whatever came of it. @throws AppError `webhook_not_found`, `webhook_delivery_not_found` */
export async function retryDelivery(
  services: Services,
  caller: Caller,
  id: string,
  deliveryId: string,
): Promise<DeliveryDto> {
  const { prisma, pool } = services;
  await findWebhook(prisma, id);
  await withPoolTransaction(pool, async (db) => {
    const { rowCount } = isUuid(deliveryId)
      ? await db.query(
          `update carga.webhook_deliveries
              set status = 'pending', finished_at = null, next_try_at = clock_timestamp(),
                  tries_left = case when event = $3 then 1 else $4 end
            where id = $1 and webhook_id = $2`,
          [deliveryId, id, TEST_EVENT, MAX_TRIES],
        )
      : { rowCount: 0 };
    if (rowCount === 0) {
      throw new AppError('webhook_delivery_not_found', `no delivery ${deliveryId}`, { details: { id: deliveryId } });
    }
    await enqueueWebhookDelivery(db, { id: deliveryId, webhookId: id });
    await recordAudit(db, caller, {
      action: 'webhook.delivery_retried',
      target: `webhook:${id}`,
      after: { deliveryId },
    });
  });
  return toDeliveryDto(await prisma.webhookDelivery.findUniqueOrThrow({ where: { id: deliveryId } }));
}
