import type { Report } from './progress-report.ts';
import type { UploadItem } from './upload-item.ts';

/** Fast enough for a bar that moves, slow enough that drawing costs nothing beside the conversion. */
const REPORT_EVERY_MS = 120;

/** Tells how far a step is, with its mean speed, as long as `isGoing`. */
export function createReport(
  isGoing: () => boolean,
  tell: (progress: NonNullable<UploadItem['progress']>) => void,
): Report {
  /** When it was first told, and of how much: what was there already says nothing of the speed. */
  let first: { at: number; bytes: number } | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (doneBytes, totalBytes) => {
    const now = performance.now();
    first ??= { at: now, bytes: doneBytes };
    if (now - toldAt < REPORT_EVERY_MS && doneBytes < totalBytes) return;
    if (!isGoing()) return;
    toldAt = now;
    const seconds = (now - first.at) / 1000;
    // The mean since the step began: it wavers less than any window, and a first half second says nothing.
    const bytesPerSecond = seconds > 0.5 ? Math.max(0, doneBytes - first.bytes) / seconds : null;
    tell({ doneBytes, totalBytes, bytesPerSecond });
  };
}
