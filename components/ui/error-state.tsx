'use client';

import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { ApiError } from '#lib/api-client/api-error.ts';
import { Button, ButtonLink, buttonClass } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';
import { useFaultText } from './use-fault-text.ts';

/**
 * Something failed: what, what to do, a way to try again, and the number of the request to hand on. What is not there
 * does not come by another try: `back` leads to where one finds what there is.
 */
export function ErrorState(props: {
  error: unknown;
  title?: ReactNode;
  onRetry?: () => void;
  back?: { href: string; label: string };
}) {
  const t = useTranslations('common');
  const path = usePathname();
  const { code, text, requestId } = useFaultText()(props.error);
  const isSignedOut = code === 'unauthenticated';
  const isGone = props.error instanceof ApiError && props.error.status === 404;
  return (
    <div role="alert" className="rounded-box border border-bad bg-surface p-4 sm:p-5">
      <p className="flex items-center gap-2 font-semibold text-bad">
        <Icon name="alert" />
        {isSignedOut ? t('sessionOver') : isGone ? t('gone') : (props.title ?? t('failed'))}
      </p>
      <p className="mt-1 break-words">{text}</p>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        {isSignedOut ? (
          // In another tab: what was typed here would be lost on the way.
          <a
            href={`/login?callbackUrl=${encodeURIComponent(path)}`}
            target="_blank"
            rel="noreferrer"
            className={buttonClass('primary', true)}
          >
            {t('signInOtherTab')}
            <span className="sr-only"> ({t('newTab')})</span>
          </a>
        ) : null}
        {props.back && isGone ? (
          <ButtonLink isSmall icon="left" href={props.back.href}>
            {props.back.label}
          </ButtonLink>
        ) : null}
        {props.onRetry && !isSignedOut && !isGone ? (
          <Button isSmall icon="again" onClick={props.onRetry}>
            {t('tryAgain')}
          </Button>
        ) : null}
        {requestId ? (
          <span className="flex flex-wrap items-center gap-1 text-muted text-sm">
            {t('requestNumber')} <code className="break-all">{requestId}</code>
            <CopyButton isIconOnly text={requestId} label={t('copyRequestNumber')} />
          </span>
        ) : null}
      </div>
    </div>
  );
}
