'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { classNames } from '#components/ui/class-names.ts';
import { Dialog } from '#components/ui/dialog.tsx';
import { TextField } from '#components/ui/field.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { foldName } from '#lib/figura/map-columns.ts';
import { pagesOf } from './pages.ts';

/** More than these are narrowed by typing. */
const MAX_SHOWN = 8;

/** Ctrl+K or Cmd+K: go to a page or a figura by typing a part of its name. */
export function CommandMenu({ role }: { role: 'viewer' | 'operator' | 'admin' }) {
  const t = useTranslations('shell.commands');
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setIsOpen(true);
    };
    window.addEventListener('keydown', open);
    return () => window.removeEventListener('keydown', open);
  }, []);
  const close = () => setIsOpen(false);
  return (
    <>
      <Button
        look="quiet"
        isSmall
        icon="search"
        title={t('title')}
        aria-label={t('title')}
        onClick={() => setIsOpen(true)}
      />
      <Dialog title={t('title')} isOpen={isOpen} onClose={close}>
        {isOpen ? <Commands role={role} onDone={close} /> : null}
      </Dialog>
    </>
  );
}

function Commands({ role, onDone }: { role: 'viewer' | 'operator' | 'admin'; onDone: () => void }) {
  const t = useTranslations('shell');
  const router = useRouter();
  const figuras = useAllFiguras();
  const [typed, setTyped] = useState('');
  const commands = [
    ...pagesOf(role === 'admin').map(({ href, key }) => ({ href, text: t(key) })),
    ...(figuras.data ?? []).flatMap(({ name, title }) => [
      ...(role === 'viewer' ? [] : [{ href: `/importar?figura=${name}`, text: t('commands.importTo', { title }) }]),
      { href: `/cargas?figura=${name}`, text: t('commands.jobsOf', { title }) },
      { href: `/figuras/${name}`, text: t('commands.figura', { title }) },
    ]),
  ];
  const words = foldName(typed).split(/\s+/);
  const found = commands.filter(({ text }) => words.every((word) => foldName(text).includes(word))).slice(0, MAX_SHOWN);
  function go(href: string | undefined) {
    if (href === undefined) return;
    onDone();
    router.push(href);
  }
  return (
    <form
      className="grid gap-3"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        go(found[0]?.href);
      }}
    >
      <TextField
        type="search"
        label={t('commands.label')}
        hint={t('commands.hint')}
        // The dialog was opened to type here.
        autoFocus
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.length === 0 ? <p className="text-muted">{t('commands.nothing')}</p> : null}
      <ul className="grid gap-1">
        {found.map(({ href, text }, index) => (
          <li key={href}>
            <button
              type="button"
              onClick={() => go(href)}
              className={classNames(
                'wrap-anywhere min-h-10 w-full rounded-control px-3 py-1.5 text-left hover:bg-accent-soft',
                index === 0 && 'bg-sunken',
              )}
            >
              {text}
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}
