import { acceptedTypes } from '../../shared/envelope.ts';
import type { Declaration } from '../../shared/function.ts';
import { toEventBridge } from '../cron.ts';
import { isAsync, permissionsOf, schedulerRole } from './aws-permissions.ts';
import {
  ASYNC_DEAD_LETTERS,
  arnOf,
  busResources,
  merge,
  queueId,
  queueResources,
  type Resources,
  roleId,
  SCHEDULER_ROLE,
  tableResource,
} from './aws-resources.ts';
import { type Declared, deployedName, queuesOf, routesOf, triggersOf, triggersOfKind } from './triggers.ts';

/** What serverless.yml includes: its functions, and the resources that follow from the declarations. */
export interface AwsManifest {
  readonly functions: Readonly<Record<string, unknown>>;
  readonly resources: { readonly Resources: Resources; readonly Outputs: Resources };
}

/** An HTTP API gives up after 30 s: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const HTTP_SECONDS = 29;
/** Lambda repeats an asynchronous invocation twice at most: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const ASYNC_RETRIES = 2;

export function deriveAws(declarations: readonly Declaration[]): AwsManifest {
  const declared = triggersOf(declarations);
  const queues = queuesOf(declarations);
  const functions = Object.fromEntries(declared.map((one) => [deployedName(one), functionOf(one, declarations)]));
  return {
    functions,
    resources: {
      Resources: merge(
        tableResource(),
        ...triggersOfKind(declarations, 'queue').map(({ declaration, trigger }) =>
          queueResources(trigger.queue, declaration.limits.timeoutSeconds),
        ),
        busResources(),
        ...declarations.map((declaration) => ({ [roleId(declaration.name)]: permissionsOf(declaration, queues) })),
        schedulerRole(triggersOfKind(declarations, 'schedule')),
      ),
      Outputs: outputsOf(declarations),
    },
  };
}

/** Addresses of the queues that others may send to. */
function outputsOf(declarations: readonly Declaration[]): Resources {
  const outside = triggersOfKind(declarations, 'queue').filter(({ trigger }) => trigger.from === 'outside');
  return Object.fromEntries(
    outside.map(({ trigger: { queue } }) => [
      `${queueId(queue)}Url`,
      { Description: `Queue ${queue}`, Value: { Ref: queueId(queue) } },
    ]),
  );
}

function functionOf(declared: Declared, declarations: readonly Declaration[]) {
  const { declaration, name, trigger } = declared;
  const { memoryMb, timeoutSeconds } = declaration.limits;
  const events = eventsOf(declared, declarations);
  const environment = environmentOf(declared);
  return {
    handler: `index.${name}`,
    description: declaration.purpose,
    package: { artifact: `dist/aws/${declaration.name}.zip` },
    memorySize: memoryMb,
    timeout: trigger.kind === 'http' ? Math.min(timeoutSeconds, HTTP_SECONDS) : timeoutSeconds,
    role: roleId(declaration.name),
    ...(isAsync(declared) ? { onError: arnOf(ASYNC_DEAD_LETTERS), maximumRetryAttempts: ASYNC_RETRIES } : {}),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...(events.length > 0 ? { events } : {}),
  };
}

/** Variables that not every function has; the others are serverless.yml's. */
function environmentOf({ declaration, trigger }: Declared): Record<string, string> {
  return {
    // After its last attempt nothing would come again, so that the desk has to bury by then.
    ...(trigger.kind === 'event' ? { TRIFOLD_MAX_ATTEMPTS: String(1 + ASYNC_RETRIES) } : {}),
    ...(declaration.uses.includes('notifier')
      ? { TRIFOLD_WEBHOOK_URL: "${param:webhookUrl, ''}", TRIFOLD_WEBHOOK_SECRET: "${param:webhookSecret, ''}" }
      : {}),
  };
}

function eventsOf({ declaration, name, trigger }: Declared, declarations: readonly Declaration[]): unknown[] {
  switch (trigger.kind) {
    case 'http': {
      const routes = routesOf(declarations);
      const own = routes.filter((route) => route.declaration === declaration && route.trigger === name);
      // Whatever no route fits goes to the first of them, whose router answers with our own problem.
      const rest = routes[0]?.declaration === declaration ? [{ httpApi: '*' }] : [];
      return [...own.map(({ method, path }) => ({ httpApi: { method, path } })), ...rest];
    }
    case 'queue':
      return [
        {
          sqs: {
            arn: arnOf(queueId(trigger.queue)),
            batchSize: 10,
            functionResponseType: 'ReportBatchItemFailures',
            maximumConcurrency: Math.max(2, declaration.limits.concurrency), // SQS takes 2 at least
          },
        },
      ];
    case 'event': {
      const pattern = { 'detail-type': acceptedTypes(trigger) };
      return [{ eventBridge: { eventBus: { Ref: 'Bus' }, pattern, deadLetterQueueArn: arnOf(ASYNC_DEAD_LETTERS) } }];
    }
    case 'schedule': {
      const derived = toEventBridge(trigger.cron);
      if (!derived.ok) throw new Error(derived.reason);
      return [
        {
          schedule: {
            method: 'scheduler',
            // A function's own role is Lambda's; the scheduler may not take it.
            roleArn: arnOf(SCHEDULER_ROLE),
            rate: [derived.expression],
            timezone: 'UTC',
            // The scheduler puts the instant in: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
            input: { time: '<aws.scheduler.scheduled-time>' },
          },
        },
      ];
    }
    case 'direct':
      return [];
  }
}
