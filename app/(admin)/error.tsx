'use client';

import { ErrorState } from '#components/ui/error-state.tsx';

/** A page that broke, inside the shell; the rest of the application goes on. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <ErrorState error={error} onRetry={reset} />;
}
