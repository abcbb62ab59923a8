import type { Logger } from '../lib/log.ts';

/**
 * Named steps at which a test makes this worker die or stop, so that faults hit where they hurt. From
 * `CARGA_FAILPOINTS`, such as `merged=kill` or `staged=stop,validated=sleep:2000`. Empty in any real installation.
 */
export function createFailpoints(setting: string | undefined, logger: Logger): (step: string) => Promise<void> | void {
  if (!setting) return () => {};
  const actions = new Map(
    setting.split(',').map((entry): [string, string] => {
      const [step = '', action = ''] = entry.split('=');
      return [step.trim(), action.trim()];
    }),
  );
  return (step) => {
    const action = actions.get(step);
    if (action === undefined) return;
    // Each fires once: the attempt after it goes through.
    actions.delete(step);
    logger.warn('failpoint', { step, action });
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    else if (action === 'stop') process.kill(process.pid, 'SIGSTOP');
    else if (action.startsWith('sleep:')) {
      return new Promise((resolve) => setTimeout(resolve, Number(action.slice('sleep:'.length))));
    }
  };
}
