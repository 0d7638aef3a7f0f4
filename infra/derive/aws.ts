import { acceptedTypes } from '../../shared/envelope.ts';
import type { Declaration } from '../../shared/function.ts';
import { toEventBridge } from '../cron.ts';
import { permissionsOf } from './aws-permissions.ts';
import { busResources, deadLettersOf, logicalName, queueResources } from './aws-resources.ts';
import { type Declared, deployedName, queuesOf, routesOf, triggersOf } from './triggers.ts';

/** What serverless.yml includes: its functions, and the resources that follow from the declarations. */
export interface AwsManifest {
  readonly functions: Readonly<Record<string, unknown>>;
  readonly resources: { readonly Resources: Readonly<Record<string, unknown>> };
}

export function deriveAws(declarations: readonly Declaration[]): AwsManifest {
  const functions = Object.fromEntries(
    triggersOf(declarations).map((declared) => [deployedName(declared), functionOf(declared, declarations)]),
  );
  const queues = queuesOf(declarations);
  const timeouts = new Map(
    triggersOf(declarations).flatMap(({ declaration, trigger }) =>
      trigger.kind === 'queue' ? [[trigger.queue, declaration.limits.timeoutSeconds] as const] : [],
    ),
  );
  const roles = Object.fromEntries(
    declarations.map((declaration) => [`${logicalName(declaration.name)}Role`, permissionsOf(declaration, queues)]),
  );
  return {
    functions,
    resources: {
      Resources: {
        ...Object.assign({}, ...queues.map((queue) => queueResources(queue, timeouts.get(queue) ?? 30))),
        ...busResources(),
        ...roles,
      },
    },
  };
}

function functionOf(declared: Declared, declarations: readonly Declaration[]) {
  const { declaration, name } = declared;
  const { memoryMb, timeoutSeconds } = declaration.limits;
  const events = eventsOf(declared, declarations);
  return {
    handler: `index.${name}`,
    description: declaration.purpose,
    package: { artifact: `dist/aws/${declaration.name}.zip` },
    memorySize: memoryMb,
    timeout: declared.trigger.kind === 'http' ? Math.min(timeoutSeconds, 29) : timeoutSeconds,
    role: `${logicalName(declaration.name)}Role`,
    ...(declared.trigger.kind === 'event' ? { onError: deadLettersOf('bus'), maximumRetryAttempts: 2 } : {}),
    ...(events.length > 0 ? { events } : {}),
  };
}

function eventsOf({ declaration, name, trigger }: Declared, declarations: readonly Declaration[]): unknown[] {
  switch (trigger.kind) {
    case 'http':
      return routesOf(declarations)
        .filter((route) => route.declaration === declaration && route.trigger === name)
        .map(({ method, path }) => ({ httpApi: { method, path } }));
    case 'queue':
      return [
        {
          sqs: {
            arn: { 'Fn::GetAtt': [`${logicalName(trigger.queue)}Queue`, 'Arn'] },
            batchSize: 10,
            functionResponseType: 'ReportBatchItemFailures',
            maximumConcurrency: Math.max(2, declaration.limits.concurrency), // SQS takes 2 at least
          },
        },
      ];
    case 'event':
      return [{ eventBridge: { eventBus: { Ref: 'Bus' }, pattern: { 'detail-type': acceptedTypes(trigger) } } }];
    case 'schedule': {
      const derived = toEventBridge(trigger.cron);
      if (!derived.ok) throw new Error(derived.reason);
      // The scheduler puts the instant in: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
      return [
        {
          schedule: {
            method: 'scheduler',
            rate: [derived.expression],
            timezone: 'UTC',
            input: { time: '<aws.scheduler.scheduled-time>' },
          },
        },
      ];
    }
    case 'direct':
      return [];
  }
}
