'use client';

import { useTranslations } from 'next-intl';
import { Button } from './button.tsx';
import { useToast } from './toast.tsx';

/** Puts a text on the clipboard and says so; `isIconOnly` beside a text that says what it is. */
export function CopyButton({ text, label, isIconOnly }: { text: string; label: string; isIconOnly?: boolean }) {
  const t = useTranslations('common');
  const notify = useToast();
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      notify(t('copied'), 'good');
    } catch {
      // Pages without TLS, and readers who said no, have no clipboard: the text is there to be marked by hand.
      notify(t('copyFailed'), 'warn');
    }
  }
  return (
    <Button
      isSmall
      look="quiet"
      icon="copy"
      onClick={copy}
      aria-label={label}
      title={label}
      className={isIconOnly ? '-my-1.5 px-1.5' : undefined}
    >
      {isIconOnly ? null : t('copy')}
    </Button>
  );
}
