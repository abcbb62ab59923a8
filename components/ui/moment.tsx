'use client';

import { useClock } from '#components/use-clock.ts';
import { useFormats } from '#components/use-formats.ts';

/** A moment to the minute; the title adds seconds and zone. */
export function Moment({ at, isFull = false }: { at: string; isFull?: boolean }) {
  const format = useFormats();
  return (
    <time dateTime={at} title={format.momentFull(at)} className="whitespace-nowrap">
      {isFull ? format.momentFull(at) : format.moment(at)}
    </time>
  );
}

/** How long ago a moment was; the title has the moment itself, with its zone. */
export function Ago({ at }: { at: string }) {
  const format = useFormats();
  const now = useClock();
  return (
    // Browsers write "5 min ago" by tables of their own, which may be older or newer than the server's.
    <time dateTime={at} title={format.momentFull(at)} className="whitespace-nowrap" suppressHydrationWarning>
      {format.ago(at, now)}
    </time>
  );
}
