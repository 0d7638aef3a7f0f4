import { nextAfter } from '../../cron/next.ts';
import { parseCron } from '../../cron/parse.ts';
import type { Deployed } from '../../function.ts';
import type { Runtime } from '../../runtime.ts';

/** Timers of Node hold 24 days; far firings are waited for in steps. */
const STEP_MS = 24 * 3_600_000;

type Fire = (deployed: Deployed, trigger: string, at: number) => Promise<void>;

/**
 * Fires every schedule at its instants. A firing that was missed while the desk was down is not made up for: schedules
 * here are repeated work, and the next one does it.
 */
export function startSchedules(runtime: Runtime, functions: readonly Deployed[], fire: Fire): { stop(): void } {
  const stops = functions.flatMap((deployed) =>
    Object.entries(deployed.declaration.on).flatMap(([trigger, declared]) =>
      declared.kind === 'schedule' ? [start(deployed, trigger, declared.cron)] : [],
    ),
  );

  function start(deployed: Deployed, trigger: string, expression: string): () => void {
    const cron = parseCron(expression);
    let timer: NodeJS.Timeout;
    const wait = (at: number): void => {
      const left = at - runtime.clock.now();
      timer = setTimeout(
        () => {
          if (left > STEP_MS) return wait(at);
          fire(deployed, trigger, at).catch((error: unknown) =>
            runtime.log.error('A schedule failed', {
              function: deployed.declaration.name,
              trigger,
              error: error instanceof Error ? error : undefined,
            }),
          );
          wait(nextAfter(cron, Math.max(at, runtime.clock.now())));
        },
        Math.min(Math.max(left, 0), STEP_MS),
      );
    };
    wait(nextAfter(cron, runtime.clock.now()));
    return () => clearTimeout(timer);
  }

  return {
    stop() {
      for (const stop of stops) stop();
    },
  };
}
