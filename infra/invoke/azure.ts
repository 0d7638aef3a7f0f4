import { pathToFileURL } from 'node:url';
import { deployedName } from '../derive/triggers.ts';
import { provideFunctionsCore } from './azure-functions-core.ts';
import {
  type AzureHttpResponse,
  type AzureTrigger,
  fromRpcResponse,
  toRpcMetadata,
  toRpcTrigger,
} from './azure-rpc.ts';
import { type Answer, type Invocation, lineOf } from './invocation.ts';

/** Below `dist/azure`: one bundle holds the whole function app. */
export const fileOf = (): string => 'index.mjs';

/** Runs one invocation through `@azure/functions` itself, on a worker's core of ours. */
export async function invoke({ folder, declaration, trigger, kind, event }: Invocation): Promise<Answer> {
  const core = provideFunctionsCore(({ level, message }) => console.error(`${level}: ${message}`));
  await import(pathToFileURL(`${folder}/${fileOf()}`).href);
  await core.start(folder);
  const name = kind === 'http' ? 'http' : deployedName({ declaration, name: trigger });
  const native = event as AzureTrigger; // the form of events/azure/*.json; `invoke` of the core refuses any other
  try {
    const { body } = fromRpcResponse(await core.invoke(name, toRpcTrigger(native), toRpcMetadata(native)));
    return kind === 'http' || kind === 'direct' ? fromHttp(body as AzureHttpResponse) : { value: body ?? null }; // HTTP triggers answer so
  } catch (thrown) {
    return { value: null, failure: lineOf(thrown) };
  }
}

function fromHttp({ status, headers, text }: AzureHttpResponse): Answer {
  return { value: { status, headers, body: text }, ...(status >= 500 ? { failure: `It answered ${status}` } : {}) };
}
