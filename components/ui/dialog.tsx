'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';

/** A question that must be answered first. The browser's own dialog: it traps focus, gives it back, and Esc closes. */
export function Dialog(props: { title: string; isOpen: boolean; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (props.isOpen && !dialog?.open) dialog?.showModal();
    if (!props.isOpen && dialog?.open) dialog.close();
  }, [props.isOpen]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onClose={props.onClose}
      className="w-[min(30rem,calc(100vw-2rem))] rounded-box border bg-surface p-5 text-ink shadow-pop backdrop:bg-black/40"
    >
      <h2 id={titleId} className="mb-2 font-semibold text-lg">
        {props.title}
      </h2>
      {props.children}
    </dialog>
  );
}
