import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/**
 * A table of data; it scrolls sideways in itself (and by keyboard) where the screen is too narrow. One that `isShort`
 * takes no more height than a plot beside it, under a head that stays.
 */
export function Table(props: { caption: string; children: ReactNode; isBusy?: boolean; isShort?: boolean }) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={props.caption}
      aria-busy={props.isBusy || undefined}
      className={classNames(
        'rounded-box border bg-surface',
        props.isShort ? 'max-h-72 overflow-auto [&_thead]:sticky [&_thead]:top-0' : 'overflow-x-auto',
      )}
    >
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{props.caption}</caption>
        {props.children}
      </table>
    </section>
  );
}

/** A heading cell. `isNumber` sets it at the right, above its figures. */
export function HeadCell({ isNumber, className, ...rest }: { isNumber?: boolean } & ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      {...rest}
      className={classNames(
        'border-b bg-sunken px-2 py-2 font-medium text-muted text-sm first:pl-3 last:pr-3 sm:px-3 sm:last:pr-4 sm:first:pl-4',
        isNumber && 'text-right',
        className,
      )}
    />
  );
}

/** A cell of data. */
export function Cell({ isNumber, className, ...rest }: { isNumber?: boolean } & ComponentProps<'td'>) {
  return (
    <td
      {...rest}
      className={classNames(
        'px-2 py-2.5 align-top first:pl-3 last:pr-3 sm:px-3 sm:last:pr-4 sm:first:pl-4',
        isNumber && 'text-right',
        className,
      )}
    />
  );
}

/** A row; the lines between rows belong to it. */
export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr {...rest} className={classNames('border-t first:border-t-0', className)} />;
}
