'use client';

import { useTranslations } from 'next-intl';
import { Button } from './button.tsx';
import { useToast } from './toast.tsx';

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
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
    <Button isSmall look="quiet" icon="copy" onClick={copy} aria-label={label} title={label}>
      {t('copy')}
    </Button>
  );
}
