import type { Delivery } from '../../conformance/driver.ts';
import { type LambdaOutcome, startLambda } from '../lambda.ts';
import { fromGateway, type GatewayAnswer, toPayloadV1, toPayloadV2 } from './gateway.ts';
import { fixture, type Host, type HostOptions, PATIENCE_MS, startedOnce, type Target, targetOf } from './host.ts';

export const HTTP_API = 'HTTP API, payload 2.0';
export const REST_API = 'REST API, payload 1.0';

/** A Lambda function for each trigger, on the real runtime interface client. */
export async function openAws({ dir, env }: HostOptions): Promise<Host> {
  const lambdas = startedOnce((key) => {
    const [name = '', trigger = ''] = key.split('.');
    return startLambda({ dir: `${dir}/${name}`, handler: `index.${trigger}`, env: { ...env } });
  });
  const invoke = async (target: Target, event: unknown): Promise<LambdaOutcome> =>
    (await lambdas.get(`${target.function}.${target.trigger}`)).invoke(event, { timeoutMs: PATIENCE_MS });
  const answer = async (target: Target, event: unknown): Promise<unknown> => {
    const { kind, body } = await invoke(target, event);
    if (kind !== 'response') throw new Error(`${target.function}.${target.trigger}: ${kind} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    request: async (front, request) => {
      const event = (front === REST_API ? toPayloadV1 : toPayloadV2)(request);
      return fromGateway((await answer(targetOf(request), event)) as GatewayAnswer); // what API Gateway would read
    },
    async deliver(target, messages): Promise<Delivery[]> {
      const [record] = fixture<{ Records: Record<string, unknown>[] }>('aws', 'queue').Records;
      const Records = messages.map(({ id, body, attempts }) => ({
        ...record,
        messageId: id,
        body,
        attributes: { ...(record?.['attributes'] as object), ApproximateReceiveCount: String(attempts) }, // of the fixture
      }));
      const { batchItemFailures } = (await answer(target, { Records })) as {
        batchItemFailures: { itemIdentifier: string }[];
      }; // SQS' partial answer
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      return messages.map(({ id }) => (failed.has(id) ? 'again' : 'acknowledged'));
    },
    async publish(target, envelope) {
      const { type, source, id } = envelope;
      const event = { ...fixture('aws', 'event'), id, source, 'detail-type': type, detail: envelope };
      return (await invoke(target, event)).kind === 'response' ? 'acknowledged' : 'again';
    },
    tick: async (target, at) =>
      void (await answer(target, { ...fixture('aws', 'schedule'), time: new Date(at).toISOString() })),
    call: answer,
    log: lambdas.log,
    stop: lambdas.stop,
  };
}
