import { deployedName } from '../../../infra/derive/triggers.ts';
import type { Delivery } from '../../conformance/driver.ts';
import { startAzure } from '../azure.ts';
import type { AzureHttpResponse, AzureTrigger } from '../azure-rpc.ts';
import { declarationOf, fixture, type Host, type HostOptions, PATIENCE_MS, type Target } from './host.ts';

const ORIGIN = 'https://trifold-desk.azurewebsites.net';

/** The function app, on `@azure/functions` and a worker of ours. */
export async function openAzure({ dir, env }: HostOptions): Promise<Host> {
  const app = await startAzure({ dir, env: { ...env } });
  const nameOf = (target: Target) => deployedName({ declaration: declarationOf(target), name: target.trigger });
  async function invoke(name: string, trigger: AzureTrigger): Promise<unknown> {
    const outcome = await app.invoke(name, { ...trigger, timeoutMs: PATIENCE_MS });
    if (outcome.kind !== 'response') throw new Error(`${name}: ${outcome.kind} ${JSON.stringify(outcome.body)}`);
    return outcome.body;
  }
  async function verdict(name: string, trigger: AzureTrigger): Promise<Delivery> {
    const { kind } = await app.invoke(name, { ...trigger, timeoutMs: PATIENCE_MS });
    return kind === 'response' ? 'acknowledged' : 'again';
  }
  return {
    async request(_, { method, path, headers = {}, body }) {
      const http = {
        method,
        url: `${ORIGIN}${path}`,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
      };
      const answer = (await invoke('http', { http })) as AzureHttpResponse; // an HTTP function's
      return { status: answer.status, headers: answer.headers, text: answer.text };
    },
    // One message an invocation: Service Bus knows no partial answer to a batch.
    deliver: (target, messages) =>
      Promise.all(
        messages.map(({ id, body, attempts }) => {
          const { metadata } = fixture<{ metadata: object }>('azure', 'queue');
          return verdict(nameOf(target), {
            data: body,
            metadata: { ...metadata, MessageId: id, DeliveryCount: attempts },
          });
        }),
      ),
    publish: (target, envelope) =>
      verdict(nameOf(target), {
        data: envelope,
        metadata: { ...fixture<{ metadata: object }>('azure', 'event').metadata, data: envelope['data'] },
      }),
    tick: async (target) => void (await invoke(nameOf(target), fixture<AzureTrigger>('azure', 'schedule'))),
    async call(target, input) {
      const http = {
        method: 'POST',
        url: `${ORIGIN}/direct/${target.function}/${target.trigger}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      };
      return JSON.parse(((await invoke(nameOf(target), { http })) as AzureHttpResponse).text); // an HTTP function's
    },
    log: async () => app.log(),
    stop: app.stop,
  };
}
