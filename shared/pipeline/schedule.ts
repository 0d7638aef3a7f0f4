import { AppError } from '../errors.ts';
import type { Deployed, Tick } from '../function.ts';
import type { Runtime } from '../runtime.ts';
import { workspacesOf } from '../workspaces.ts';
import { type AnyContext, invoke, logFailure } from './invocation.ts';

type TickHandler = (tick: Tick, context: AnyContext) => Promise<void>;

/**
 * Runs one firing of a schedule for every workspace (or once for the app). One workspace's failure does not keep the
 * others from theirs; throws at the end when any failed, so that the cloud shows and retries it.
 */
export async function handleSchedule(
  runtime: Runtime,
  deployed: Deployed,
  trigger: string,
  tick: Tick,
  remainingMs?: number,
): Promise<void> {
  const declared = deployed.declaration.on[trigger];
  if (declared?.kind !== 'schedule')
    throw new AppError('internal', `${deployed.declaration.name} has no schedule ${trigger}`);
  const handler = deployed.handlers[trigger] as TickHandler; // typed by the declaration that this trigger was read from
  const workspaces = declared.per === 'app' ? [runtime.settings.workspace] : await workspacesOf(runtime);
  const failures: AppError[] = [];
  for (const workspace of workspaces) {
    const principal = { kind: 'service', id: 'scheduler', workspace } as const;
    try {
      await invoke(
        runtime,
        {
          deployed,
          trigger,
          principal,
          workspace,
          parent: undefined,
          ...(remainingMs === undefined ? {} : { remainingMs }),
        },
        (context) => handler(tick, context),
      );
      runtime.metrics.count('invocations_total', { function: deployed.declaration.name, trigger, outcome: 'done' });
    } catch (thrown) {
      failures.push(logFailure(runtime, { deployed, trigger, workspace }, thrown));
      runtime.metrics.count('invocations_total', { function: deployed.declaration.name, trigger, outcome: 'again' });
    }
  }
  if (failures.length > 0)
    throw new AppError(
      'schedule_failed',
      `${deployed.declaration.name}.${trigger} failed in ${failures.length} of ${workspaces.length} workspaces`,
      { cause: failures[0] },
    );
}
