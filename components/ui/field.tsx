import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';

const control =
  'min-h-10 w-full rounded-control border border-line-strong bg-surface px-3 py-2 text-ink placeholder:text-muted ' +
  'disabled:opacity-60 aria-invalid:border-bad';

interface FieldTexts {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value; shown and tied to the control. */
  fault?: ReactNode;
  className?: string;
}

function useField({ hint, fault }: FieldTexts, id: string | undefined) {
  const own = useId();
  const controlId = id ?? own;
  const describedBy = [hint ? `${controlId}-hint` : '', fault ? `${controlId}-fault` : ''].filter(Boolean).join(' ');
  return {
    controlId,
    aria: { 'aria-describedby': describedBy || undefined, 'aria-invalid': fault ? true : undefined },
  };
}

function FieldFrame({ texts, id, children }: { texts: FieldTexts; id: string; children: ReactNode }) {
  return (
    <div className={classNames('grid min-w-0 grid-cols-1 content-start gap-1.5', texts.className)}>
      <label htmlFor={id} className="font-medium">
        {texts.label}
      </label>
      {children}
      {texts.hint ? (
        <p id={`${id}-hint`} className="text-muted text-sm">
          {texts.hint}
        </p>
      ) : null}
      {texts.fault ? (
        <p id={`${id}-fault`} className="flex items-start gap-1.5 text-bad text-sm">
          <Icon name="alert" className="mt-0.5" />
          <span>{texts.fault}</span>
        </p>
      ) : null}
    </div>
  );
}

/** A line of text with its label, hint and fault. */
export function TextField({ label, hint, fault, className, id, ...rest }: FieldTexts & ComponentProps<'input'>) {
  const texts = { label, hint, fault, className };
  const { controlId, aria } = useField(texts, id);
  return (
    <FieldFrame texts={texts} id={controlId}>
      <input {...rest} {...aria} id={controlId} className={control} />
    </FieldFrame>
  );
}

/** Several lines of text with their label, hint and fault. */
export function AreaField({ label, hint, fault, className, id, ...rest }: FieldTexts & ComponentProps<'textarea'>) {
  const texts = { label, hint, fault, className };
  const { controlId, aria } = useField(texts, id);
  return (
    <FieldFrame texts={texts} id={controlId}>
      <textarea {...rest} {...aria} id={controlId} className={control} />
    </FieldFrame>
  );
}

/** A choice of few, with its label, hint and fault. */
export function SelectField({
  label,
  hint,
  fault,
  className,
  id,
  children,
  ...rest
}: FieldTexts & ComponentProps<'select'>) {
  const texts = { label, hint, fault, className };
  const { controlId, aria } = useField(texts, id);
  return (
    <FieldFrame texts={texts} id={controlId}>
      <select {...rest} {...aria} id={controlId} className={control}>
        {children}
      </select>
    </FieldFrame>
  );
}
