'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useCallback } from 'react';
import { ApiError, ConnectionError, UploadError } from '#lib/api-client/api-error.ts';
import { fillMessage, type MessageValues } from '#lib/i18n/fill-message.ts';

/** A failure as a person reads it. */
export interface FaultText {
  code: string;
  /** What happened and what to do. */
  text: string;
  /** What to name to an administrator; null when the fault never reached the service. */
  requestId: string | null;
}

/** Codes that this function gives itself; `faults` has a text for each, and for refusals of the upload page. */
type OwnCode = 'connection_failed' | 'unexpected_answer' | 'storage_refused' | 'size_mismatch' | 'etag_hidden';

/** Gives the function that puts any failure into words: of the API, the bucket, the conversion, or the page. */
export function useFaultText(): (error: unknown) => FaultText {
  const t = useTranslations();
  const locale = useLocale();
  return useCallback(
    (error) => {
      const own = (code: OwnCode, values: MessageValues = {}) => {
        const key = `faults.${code}` as const;
        return { code, requestId: null, text: t(key, fillMessage(locale, t.raw(key), values)) };
      };
      if (error instanceof ApiError) {
        if (error.code === 'unexpected_answer') return own('unexpected_answer', { status: error.status });
        return { code: error.code, text: error.detail, requestId: error.requestId };
      }
      if (error instanceof ConnectionError) return own('connection_failed');
      if (error instanceof UploadError) {
        if (error.code === 'size_mismatch' || error.code === 'etag_hidden') return own(error.code);
        return own('storage_refused', { reason: error.code });
      }
      const fault = readCodedFault(error);
      for (const area of ['faults', 'errors'] as const) {
        const key = `${area}.${fault.code}` as 'errors.internal';
        if (t.has(key)) {
          return { code: fault.code, requestId: null, text: t(key, fillMessage(locale, t.raw(key), fault.values)) };
        }
      }
      return { code: 'internal', text: t('errors.internal'), requestId: null };
    },
    [t, locale],
  );
}

/** The code of a fault and what fills its text; faults of the conversion come from a worker as plain objects. */
function readCodedFault(error: unknown): { code: string; values: MessageValues } {
  if (typeof error !== 'object' || error === null || !('code' in error)) return { code: 'internal', values: {} };
  const { code, details, ...places } = error as { code: unknown; details?: unknown };
  const values = { ...places, ...(typeof details === 'object' ? details : {}) } as MessageValues;
  return { code: typeof code === 'string' ? code : 'internal', values };
}
