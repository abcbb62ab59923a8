'use client';

import { useEffect, useState } from 'react';
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

/** Minutes and hours are what is shown: a finer clock would only draw the same again. */
const TICK_MS = 20_000;

/** How long ago a moment was; the title has the moment itself, with its zone. */
export function Ago({ at }: { at: string }) {
  const format = useFormats();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={format.momentFull(at)} className="whitespace-nowrap">
      {format.ago(at, now)}
    </time>
  );
}
