import type { Deployed } from '../../function.ts';
import { createApp } from '../../http/app.ts';
import { handleDirect } from '../../pipeline/direct.ts';
import { handleMessage } from '../../pipeline/message.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import type { Runtime } from '../../runtime.ts';
import { answerDirect } from '../direct-http.ts';
import { addressOf, type FrameworkRequest, type FrameworkResponse, fromAnswer, toIncoming } from './web.ts';

// The framework answers with stack traces unless this is set before its first request, even where our code is never
// reached (malformed JSON): https://github.com/GoogleCloudPlatform/functions-framework-nodejs
process.env['NODE_ENV'] = 'production';

type HttpFunction = (request: FrameworkRequest, response: FrameworkResponse) => Promise<void>;
/** Exactly one parameter: with two the framework takes it for callback style. */
type EventFunction = (event: CloudEvent) => Promise<void>;

/** Pub/Sub's message as a CloudEvent: https://cloud.google.com/eventarc/docs/cloudevents#pubsub */
interface CloudEvent {
  readonly id?: string;
  readonly data?: {
    readonly message?: { readonly data?: string; readonly messageId?: string; readonly message_id?: string };
    readonly deliveryAttempt?: number;
  };
}

/** The one HTTP service of an app. */
export function httpFront(runtime: Runtime, functions: readonly Deployed[]): HttpFunction {
  const front = createApp(runtime, functions);
  return flushed(runtime, async (request, response) => {
    const address = addressOf(request);
    fromAnswer(await front(toIncoming(request), address ? { address } : {}), response);
  });
}

/** The other triggers of one function, each a plain export under the trigger's name; `FUNCTION_TARGET` selects it. */
export function eventFunctions(runtime: Runtime, deployed: Deployed): Record<string, HttpFunction | EventFunction> {
  const entries = Object.entries(deployed.declaration.on).flatMap(
    ([trigger, { kind }]): [string, HttpFunction | EventFunction][] => {
      if (kind === 'queue' || kind === 'event') return [[trigger, messageFunction(runtime, deployed, trigger)]];
      if (kind === 'schedule') return [[trigger, scheduleFunction(runtime, deployed, trigger)]];
      if (kind === 'direct') return [[trigger, directFunction(runtime, deployed, trigger)]];
      return [];
    },
  );
  return Object.fromEntries(entries);
}

/** Queues and the bus both come by Pub/Sub: 2xx acknowledges, a throw is a 500 and brings the message again. */
function messageFunction(runtime: Runtime, deployed: Deployed, trigger: string): EventFunction {
  return async (event) => {
    const message = event.data?.message;
    const attempt = event.data?.deliveryAttempt;
    try {
      const verdict = await handleMessage(runtime, deployed, trigger, {
        body: Buffer.from(message?.data ?? '', 'base64').toString('utf8'),
        nativeId: message?.messageId ?? message?.message_id ?? event.id ?? 'unknown',
        ...(typeof attempt === 'number' && attempt > 0 ? { attempt } : {}),
      });
      if (verdict === 'again') throw new Error(`${deployed.declaration.name}.${trigger} wants this message once more`);
    } finally {
      await runtime.metrics.flush();
    }
  };
}

/** Cloud Scheduler calls over HTTP with an identity that Google's IAM has checked. */
function scheduleFunction(runtime: Runtime, deployed: Deployed, trigger: string): HttpFunction {
  return flushed(runtime, async (request, response) => {
    const at = Date.parse([request.headers['x-cloudscheduler-scheduletime'] ?? ''].flat()[0] ?? '');
    try {
      await handleSchedule(runtime, deployed, trigger, { at: Number.isNaN(at) ? runtime.clock.now() : at });
      response.statusCode = 204;
    } catch {
      // Logged by the pipeline; 500 makes the scheduler try again as its job says.
      response.statusCode = 500;
    }
    response.end();
  });
}

function directFunction(runtime: Runtime, deployed: Deployed, trigger: string): HttpFunction {
  return flushed(runtime, async (request, response) => {
    const answer = await answerDirect(toIncoming(request), (input) => handleDirect(runtime, deployed, trigger, input));
    fromAnswer(answer, response);
  });
}

function flushed(runtime: Runtime, handler: HttpFunction): HttpFunction {
  return async (request, response) => {
    try {
      await handler(request, response);
    } finally {
      await runtime.metrics.flush();
    }
  };
}
