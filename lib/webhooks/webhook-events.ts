/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = ['job.finished', 'job.failed', 'job.cancelled'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What the test button sends. */
export const TEST_EVENT = 'webhook.test';

/** What may go wrong with one try: `http_status` is any answer but 2xx. */
export const WEBHOOK_FAULTS = [
  'http_status',
  'timeout',
  'host_not_found',
  'address_refused',
  'connection_failed',
  'webhook_disabled',
  'secret_unreadable',
] as const;
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number];

/** One try to deliver, as the log keeps it. */
export interface WebhookTry {
  /** RFC 3339. */
  at: string;
  /** Of the answer; null when none came. */
  status: number | null;
  ms: number;
  /** null: delivered. */
  error: WebhookFault | null;
  /** The system's own word for the error, such as ECONNREFUSED. */
  detail: string | null;
  /** How the answer's body begins. */
  response: string | null;
}
