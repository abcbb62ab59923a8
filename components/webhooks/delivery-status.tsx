'use client';

import { useTranslations } from 'next-intl';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import type { IconName } from '#components/ui/icon.tsx';
import type { WebhookDeliveryDto } from '#lib/api-client/webhook-calls.ts';

const LOOKS: Record<WebhookDeliveryDto['status'], { tone: Tone; icon: IconName }> = {
  pending: { tone: 'accent', icon: 'clock' },
  delivered: { tone: 'good', icon: 'check' },
  failed: { tone: 'bad', icon: 'alert' },
};

/** What became of a message. */
export function DeliveryStatus({ status }: { status: WebhookDeliveryDto['status'] }) {
  const t = useTranslations('webhooks');
  return <Badge {...LOOKS[status]}>{t(`deliveryStates.${status}`)}</Badge>;
}
