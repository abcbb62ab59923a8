'use client';

import { useTranslations } from 'next-intl';
import { classNames } from '#components/ui/class-names.ts';
import { Icon, type IconName } from '#components/ui/icon.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { isTerminal, JOB_PHASES } from '#lib/job/job-states.ts';

type Step = 'queued' | 'reading' | 'staging' | 'validating' | 'merging';

const steps: [Step, keyof JobDto['timings']][] = [
  ['queued', 'queuedMs'],
  ['reading', 'readMs'],
  ['staging', 'stageMs'],
  ['validating', 'validateMs'],
  ['merging', 'mergeMs'],
];

type StepState = 'past' | 'now' | 'open';

const signs: Record<StepState, IconName> = { past: 'check', now: 'turn', open: 'dot' };

/** The phases in their order, each with its time. */
export function JobPhases({ job }: { job: JobDto }) {
  const t = useTranslations('job.phases');
  const format = useFormats();
  return (
    <ol className="grid gap-1">
      {steps.map(([step, timing]) => {
        const state = stepState(job, step);
        const ms = job.timings[timing];
        const wroteNothing = step === 'merging' && isTerminal(job.status) && job.status !== 'complete';
        const isTimed = state === 'past' && (ms > 0 || step === 'queued' || job.status === 'complete');
        return (
          <li
            key={step}
            aria-current={state === 'now' ? 'step' : undefined}
            className={classNames('flex items-center gap-2 py-0.5', state === 'open' && 'text-muted')}
          >
            <Icon name={signs[state]} className={state === 'now' ? 'text-accent' : 'text-muted'} />
            <span className={state === 'now' ? 'font-semibold' : undefined}>
              {t(job.dryRun && step === 'merging' ? 'comparing' : step)}
            </span>
            <span className="ml-auto text-muted">
              {state === 'now' ? t('now') : wroteNothing ? t('nothingWritten') : isTimed ? format.duration(ms) : '–'}
            </span>
          </li>
        );
      })}
      <li className="mt-1 flex items-center gap-2 border-t pt-2 font-medium">
        {t('total')}
        <span className="ml-auto">{isTerminal(job.status) ? format.duration(job.timings.totalMs) : '–'}</span>
      </li>
    </ol>
  );
}

function stepState(job: JobDto, step: Step): StepState {
  if (step === 'queued') return job.status === 'queued' ? 'now' : 'past';
  if (job.status === 'queued') return 'open';
  // A job that ended early keeps the times of the phases it went through; the others stay open.
  if (isTerminal(job.status)) {
    // What it spent on the last one was taken back with all that it wrote.
    if (job.status !== 'complete' && step === 'merging') return 'open';
    return job.status === 'complete' || timeOf(job, step) > 0 ? 'past' : 'open';
  }
  const here = job.phase === null ? -1 : JOB_PHASES.indexOf(job.phase);
  const there = JOB_PHASES.indexOf(step);
  return there < here ? 'past' : there === here ? 'now' : 'open';
}

function timeOf(job: JobDto, step: Step): number {
  const timing = steps.find(([name]) => name === step)?.[1];
  return timing === undefined ? 0 : job.timings[timing];
}
