'use client';

import { useTranslations } from 'next-intl';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { type Tone, toneClasses } from './badge.tsx';
import { classNames } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';

type ToastTone = Extract<Tone, 'good' | 'warn' | 'bad' | 'accent'>;
type Notify = (text: string, tone?: ToastTone) => void;

const signs: Record<ToastTone, IconName> = { good: 'check', warn: 'alert', bad: 'cross', accent: 'info' };

/** Long enough to be read twice; what must not be missed is no toast. */
const SHOWN_MS = 6000;

const ToastContext = createContext<Notify>(() => {});

/** Says something in passing, on the screen and to screen readers. */
export function useToast(): Notify {
  return useContext(ToastContext);
}

/** Keeps the toasts of a page. The live region is there from the start: readers ignore one that comes with its text. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const t = useTranslations('common');
  const [toasts, setToasts] = useState<{ key: number; text: string; tone: ToastTone }[]>([]);
  const nextKey = useRef(0);
  const drop = useCallback((key: number) => setToasts((all) => all.filter((toast) => toast.key !== key)), []);
  const notify = useCallback<Notify>(
    (text, tone = 'accent') => {
      const key = nextKey.current++;
      setToasts((all) => [...all.slice(-2), { key, text, tone }]);
      setTimeout(() => drop(key), SHOWN_MS);
    },
    [drop],
  );
  return (
    <ToastContext value={notify}>
      {children}
      <div role="status" className="pointer-events-none fixed inset-x-4 bottom-4 z-50 grid justify-items-center gap-2">
        {toasts.map(({ key, text, tone }) => (
          <div
            key={key}
            className={classNames(
              'pointer-events-auto flex max-w-lg items-start gap-2 rounded-box border px-4 py-2.5 shadow-pop',
              toneClasses[tone],
            )}
          >
            <Icon name={signs[tone]} className="mt-0.5" />
            <span className="text-ink">{text}</span>
            <button type="button" className="-m-1 p-1" onClick={() => drop(key)} aria-label={t('close')}>
              <Icon name="cross" />
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
