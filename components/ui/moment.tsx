'use client';

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
