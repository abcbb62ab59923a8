import { Skeleton } from '#components/ui/skeleton.tsx';

/** Shown while the server looks the session up. */
export default function Loading() {
  return (
    <div className="grid gap-5" aria-busy="true">
      <Skeleton className="h-9 w-56" />
      <Skeleton className="h-72 w-full" />
    </div>
  );
}
