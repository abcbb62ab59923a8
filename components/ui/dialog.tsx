'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';

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

/** A question whose "yes" does harm: it says what will happen, and the safe answer comes first. */
export function ConfirmDialog(props: {
  isOpen: boolean;
  title: string;
  text: ReactNode;
  confirm: string;
  keep: string;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <p>{props.text}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={props.onClose}>{props.keep}</Button>
        <Button
          look="danger"
          onClick={() => {
            props.onClose();
            props.onConfirm();
          }}
        >
          {props.confirm}
        </Button>
      </div>
    </Dialog>
  );
}
