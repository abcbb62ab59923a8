import type { Report, UploadItem } from './upload-item.ts';

/** Fast enough for a bar that moves, slow enough that drawing costs nothing beside the conversion. */
const REPORT_EVERY_MS = 120;

/** Tells how far a step is, with its mean speed, as long as `isGoing`. */
export function createReport(
  isGoing: () => boolean,
  tell: (progress: NonNullable<UploadItem['progress']>) => void,
): Report {
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let bytesBefore = 0;
  return (doneBytes, totalBytes) => {
    const now = performance.now();
    // What is there already when an upload goes on says nothing of its speed.
    if (now - startedAt < 50) bytesBefore = doneBytes;
    if (now - toldAt < REPORT_EVERY_MS && doneBytes < totalBytes) return;
    if (!isGoing()) return;
    toldAt = now;
    const seconds = (now - startedAt) / 1000;
    // The mean since the step began: it wavers less than any window, and a first half second says nothing.
    const bytesPerSecond = seconds > 0.5 ? Math.max(0, doneBytes - bytesBefore) / seconds : null;
    tell({ doneBytes, totalBytes, bytesPerSecond });
  };
}
