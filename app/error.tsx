'use client';

import { ErrorState } from '#components/ui/error-state.tsx';

/** A page that broke outside the shell. */
export default function RootError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="mx-auto max-w-xl px-4 py-16">
      <ErrorState error={error} onRetry={reset} />
    </main>
  );
}
