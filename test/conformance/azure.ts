import { readFileSync } from 'node:fs';
import { deriveAzure } from '../../infra/derive/azure.ts';
import { AppError } from '../../shared/errors.ts';
import { type FunctionsCore, provideFunctionsCore } from '../peers/azure-functions-core.ts';
import {
  type AzureHttpResponse,
  type AzureTrigger,
  fromRpcResponse,
  toRpcTrigger,
  toRpcTypedData,
} from '../runtime/azure-rpc.ts';
import type { Bench, Driver } from './driver.ts';
import { deployedProbe, probe } from './probe.ts';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/azure/${name}.json`, import.meta.url), 'utf8')); // our own files

/** `@azure/functions` itself, on a worker's core, with the native triggers of `events/azure`, their content replaced. */
export async function azureDriver(bench: Bench): Promise<Driver> {
  const core = await startCore(bench);
  async function invoke(name: string, trigger: AzureTrigger): Promise<unknown> {
    const metadata = Object.entries(trigger.metadata ?? {}).map(([key, value]) => [key, toRpcTypedData(value) ?? {}]);
    return fromRpcResponse(await core.invoke(name, toRpcTrigger(trigger), Object.fromEntries(metadata))).body;
  }
  const verdict = async (work: Promise<unknown>) => {
    try {
      await work;
      return 'acknowledged' as const;
    } catch {
      return 'again' as const;
    }
  };
  return {
    cloud: 'azure',
    async request({ method, path, headers = {}, body }) {
      const answer = (await invoke('http', {
        http: { method, url: `https://desk.example.com${path}`, headers, ...(body === undefined ? {} : { body }) },
      })) as AzureHttpResponse; // an HTTP function's
      return { status: answer.status, headers: answer.headers, text: answer.text };
    },
    // One message an invocation: Service Bus knows no partial answer to a batch.
    deliver: (trigger, bodies, attempt = 1) =>
      Promise.all(
        bodies.map((data) =>
          verdict(
            invoke(`probe-${trigger}`, {
              data,
              metadata: { ...(fixture('queue')['metadata'] as object), DeliveryCount: attempt },
            }),
          ),
        ),
      ),
    publish: (trigger, data) => verdict(invoke(`probe-${trigger}`, { data, metadata: {} })),
    tick: async (trigger) => void (await invoke(`probe-${trigger}`, { data: fixture('schedule')['data'] })),
    async call(trigger, input) {
      const url = `https://desk.example.com/direct/probe/${trigger}`;
      const answer = (await invoke(`probe-${trigger}`, {
        http: { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) },
      })) as AzureHttpResponse; // an HTTP function's
      const value = JSON.parse(answer.text) as { type?: string };
      return answer.status < 400 ? { value } : { code: String(value.type).split(':').at(-1) ?? '' };
    },
    close: async () => {},
  };
}

let started: FunctionsCore | undefined;

/** One registration a process: the library keeps its programming model in the module. */
async function startCore(bench: Bench): Promise<FunctionsCore> {
  if (started) throw new AppError('internal', 'Only one Azure host a process');
  const core = provideFunctionsCore(() => {});
  started = core;
  const { registerApp } = await import('../../shared/clouds/azure/host.ts');
  registerApp(bench.runtime, [deployedProbe], deriveAzure([probe]).registrations);
  await core.start(process.cwd());
  return core;
}
