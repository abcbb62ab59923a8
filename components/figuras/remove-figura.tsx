'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { TextField } from '#components/ui/field.tsx';

/** Takes a registration away, after its name was typed; it says what stays and what stops. */
export function RemoveFigura({ name, onRemove }: { name: string; onRemove: () => void }) {
  const t = useTranslations('figuras.remove');
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const close = () => {
    setIsOpen(false);
    setTyped('');
  };
  function submit(event: FormEvent) {
    event.preventDefault();
    if (typed !== name) return;
    close();
    onRemove();
  }
  return (
    <>
      <Button look="danger" onClick={() => setIsOpen(true)}>
        {t('button')}
      </Button>
      <Dialog title={t('title', { name })} isOpen={isOpen} onClose={close}>
        <form onSubmit={submit} className="grid gap-4">
          <p>{t('effect')}</p>
          <TextField
            label={t('type', { name })}
            value={typed}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={close}>{t('keep')}</Button>
            <Button type="submit" look="danger" disabled={typed !== name}>
              {t('button')}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
