import { app, type HttpRequest, type InvocationContext, type Timer } from '@azure/functions';
import type { Deployed } from '../../function.ts';
import { createApp } from '../../http/app.ts';
import { handleDirect } from '../../pipeline/direct.ts';
import { handleMessage } from '../../pipeline/message.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import type { Runtime } from '../../runtime.ts';
import { answerDirect } from '../direct-http.ts';
import { fromAnswer } from './web.ts';

/** One registration of the app, as derived from the declarations (`infra/generated/azure.json`). */
export type Registration =
  | { readonly name: string; readonly kind: 'http' }
  | {
      readonly name: string;
      readonly kind: 'queue';
      readonly function: string;
      readonly trigger: string;
      readonly queue: string;
    }
  | { readonly name: string; readonly kind: 'event'; readonly function: string; readonly trigger: string }
  | {
      readonly name: string;
      readonly kind: 'schedule';
      readonly function: string;
      readonly trigger: string;
      readonly schedule: string;
    }
  | {
      readonly name: string;
      readonly kind: 'direct';
      readonly function: string;
      readonly trigger: string;
      readonly route: string;
    };

/** App setting that holds the Service Bus connection (a name space with managed identity, or a connection string). */
export const SERVICE_BUS = 'ServiceBusConnection';

/**
 * Registers every trigger of the function app; `app.*` may only be called while the worker loads the bundle. A queue's
 * `cardinality` is one message: Service Bus has no partial answer to a batch.
 */
export function registerApp(
  runtime: Runtime,
  functions: readonly Deployed[],
  registrations: readonly Registration[],
): void {
  for (const registration of registrations) register(runtime, functions, registration);
}

function register(runtime: Runtime, functions: readonly Deployed[], registration: Registration): void {
  const { name } = registration;
  if (registration.kind === 'http') {
    const front = createApp(runtime, functions);
    app.http(name, {
      route: '{*path}',
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      authLevel: 'anonymous', // our own pipeline knows who may do what
      handler: flushed(runtime, async (request: HttpRequest) => fromAnswer(await front(request, clientOf(request)))),
    });
    return;
  }
  const { trigger } = registration;
  const deployed = functions.find((one) => one.declaration.name === registration.function);
  if (!deployed) throw new Error(`${name} is registered for ${registration.function}, which is not in this bundle`);
  if (registration.kind === 'queue')
    app.serviceBusQueue(name, {
      connection: SERVICE_BUS,
      queueName: registration.queue,
      cardinality: 'one',
      handler: flushed(runtime, (body: unknown, context: InvocationContext) =>
        deliver(runtime, deployed, trigger, body, context),
      ),
    });
  else if (registration.kind === 'event')
    app.eventGrid(name, {
      // The subscription delivers in the CloudEvents schema: what arrives is our envelope.
      handler: flushed(runtime, (event: unknown, context: InvocationContext) =>
        deliver(runtime, deployed, trigger, event, context),
      ),
    });
  else if (registration.kind === 'schedule')
    app.timer(name, {
      schedule: registration.schedule,
      handler: flushed(runtime, (_timer: Timer) =>
        handleSchedule(runtime, deployed, trigger, { at: runtime.clock.now() }),
      ),
    });
  else
    app.http(name, {
      route: registration.route,
      methods: ['POST'],
      authLevel: 'function', // Azure checks the function's key
      handler: flushed(runtime, async (request: HttpRequest) =>
        fromAnswer(await answerDirect(request, (input) => handleDirect(runtime, deployed, trigger, input))),
      ),
    });
}

/** Throwing abandons a Service Bus message and makes Event Grid deliver again. */
async function deliver(
  runtime: Runtime,
  deployed: Deployed,
  trigger: string,
  body: unknown,
  context: InvocationContext,
): Promise<void> {
  const { messageId, deliveryCount } = context.triggerMetadata ?? {};
  const arrival = {
    body,
    // Azure parses what looks like JSON, so that an id of digits arrives as a number.
    nativeId: messageId === undefined ? context.invocationId : String(messageId),
    ...(typeof deliveryCount === 'number' ? { attempt: deliveryCount } : {}),
  };
  if ((await handleMessage(runtime, deployed, trigger, arrival)) === 'again')
    throw new Error(`${deployed.declaration.name}.${trigger} wants this message once more`);
}

/** Metrics leave at the end of each invocation: afterwards the instance may be frozen. */
function flushed<A extends readonly unknown[], T>(
  runtime: Runtime,
  handler: (...values: A) => Promise<T>,
): (...values: A) => Promise<T> {
  return async (...values) => {
    try {
      return await handler(...values);
    } finally {
      await runtime.metrics.flush();
    }
  };
}

/** Azure's front end appends the caller, with its port, to this header. */
function clientOf(request: HttpRequest): { address?: string } {
  const address = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().replace(/:\d+$/, '');
  return address ? { address } : {};
}
