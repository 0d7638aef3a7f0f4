import middy from '@middy/core';
import type { Context, EventBridgeEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { AppError, publicMessage } from '../../errors.ts';
import type { Deployed } from '../../function.ts';
import { createApp } from '../../http/app.ts';
import { handleDirect } from '../../pipeline/direct.ts';
import { handleMessage } from '../../pipeline/message.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import type { Runtime } from '../../runtime.ts';
import { telemetry } from './telemetry.ts';
import { addressOf, fromAnswer, type HttpEvent, toIncoming } from './web.ts';

type Handler<E> = (event: E, context: Context) => Promise<unknown>;

/** One Lambda handler for each trigger of a function, under the trigger's name: Lambda's `handler` setting selects it. */
export function lambdaHandlers(runtime: Runtime, deployed: Deployed): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(deployed.declaration.on).map(([trigger, { kind }]) => {
      const handler = HANDLERS[kind](runtime, deployed, trigger);
      // middy types its handlers by event; here the trigger's kind has chosen the one that fits.
      return [
        trigger,
        middy()
          .use(telemetry(runtime, deployed.declaration.name, trigger))
          .handler(handler as Handler<unknown>),
      ];
    }),
  );
}

type Kind = Deployed['declaration']['on'][string]['kind'];

const HANDLERS: { readonly [K in Kind]: (runtime: Runtime, deployed: Deployed, trigger: string) => Handler<never> } = {
  http(runtime, deployed) {
    const app = createApp(runtime, [deployed]);
    return async (event: HttpEvent, context) => {
      const address = addressOf(event);
      const client = { remainingMs: context.getRemainingTimeInMillis(), ...(address ? { address } : {}) };
      return fromAnswer(await app(toIncoming(event), client));
    };
  },

  // A failed message is told apart by its id; without ReportBatchItemFailures on the event source the whole batch would
  // come again or be lost, so the derived event sources always have it.
  queue:
    (runtime, deployed, trigger) =>
    async (event: SQSEvent, context): Promise<SQSBatchResponse> => {
      const verdicts = await Promise.all(
        event.Records.map(async ({ messageId, body, attributes }) => ({
          messageId,
          verdict: await handleMessage(runtime, deployed, trigger, {
            body,
            nativeId: messageId,
            attempt: Number(attributes.ApproximateReceiveCount),
            remainingMs: context.getRemainingTimeInMillis(),
          }),
        })),
      );
      const again = verdicts.filter(({ verdict }) => verdict === 'again');
      return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },

  // EventBridge invokes asynchronously and does not count: what throws is tried again by Lambda, then by its dead letters.
  event: (runtime, deployed, trigger) => async (event: EventBridgeEvent<string, unknown>, context) => {
    const arrival = { body: event.detail, nativeId: event.id, remainingMs: context.getRemainingTimeInMillis() };
    if ((await handleMessage(runtime, deployed, trigger, arrival)) === 'again')
      throw new AppError('again', `${deployed.declaration.name}.${trigger} wants event ${event.id} once more`);
  },

  // EventBridge Scheduler sends what its target's input says: the scheduled time by its own placeholder.
  schedule: (runtime, deployed, trigger) => async (event: { time?: string }, context) => {
    const at = Date.parse(event.time ?? '');
    await handleSchedule(
      runtime,
      deployed,
      trigger,
      { at: Number.isNaN(at) ? runtime.clock.now() : at },
      context.getRemainingTimeInMillis(),
    );
  },

  direct: (runtime, deployed, trigger) => async (event: unknown, context) => {
    try {
      return await handleDirect(runtime, deployed, trigger, event, context.getRemainingTimeInMillis());
    } catch (thrown) {
      // The caller sees errorType and errorMessage: the code and what may be shown, no stack.
      const error = thrown as AppError; // handleDirect throws nothing else
      const shown = new Error(publicMessage(error));
      shown.name = error.code;
      shown.stack = `${error.code}: ${shown.message}`;
      throw shown;
    }
  },
};
