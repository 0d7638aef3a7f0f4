import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import { lambdaHandlers } from '../../shared/clouds/aws/host.ts';
import type { Bench, Driver } from './driver.ts';
import { deployedProbe } from './probe.ts';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/aws/${name}.json`, import.meta.url), 'utf8')); // our own files

/** Lambda's handlers with the native events of `events/aws`, their content replaced. */
export function awsDriver(bench: Bench, payload: 'v1' | 'v2'): Driver {
  const handlers = lambdaHandlers(bench.runtime, deployedProbe) as Record<
    string,
    (event: unknown, context: Context) => Promise<unknown>
  >; // one handler a trigger
  const context = { getRemainingTimeInMillis: () => 10_000, awsRequestId: 'test', functionName: 'probe' } as Context; // what our host reads of it
  const invoke = (trigger: string, event: unknown): Promise<unknown> => {
    const handler = handlers[trigger];
    if (!handler) throw new Error(`no handler ${trigger}`);
    return handler(event, context);
  };
  return {
    cloud: 'aws',
    async request({ method, path, headers = {}, body }) {
      const url = new URL(path, 'http://localhost');
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const encoded = {
        body: bytes ? Buffer.from(bytes).toString('base64') : null,
        isBase64Encoded: bytes !== undefined,
      };
      const answer = (await invoke(
        'http',
        payload === 'v2' ? v2(method, url, headers, encoded) : v1(method, url, headers, encoded),
      )) as { statusCode: number; headers: Record<string, string>; body: string; isBase64Encoded: boolean }; // API Gateway's answer
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.isBase64Encoded ? Buffer.from(answer.body, 'base64').toString() : answer.body,
      };
    },
    async deliver(trigger, bodies, attempt = 1) {
      const [record] = fixture('queue')['Records'] as Record<string, unknown>[]; // ten of them
      const Records = bodies.map((body, i) => ({
        ...record,
        messageId: `message-${i}`,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes: { ...(record?.['attributes'] as object), ApproximateReceiveCount: String(attempt) },
      }));
      const { batchItemFailures } = (await invoke(trigger, { Records })) as {
        batchItemFailures: { itemIdentifier: string }[];
      }; // SQS' answer
      return Records.map(({ messageId }) =>
        batchItemFailures.some((failure) => failure.itemIdentifier === messageId) ? 'again' : 'acknowledged',
      );
    },
    async publish(trigger, detail) {
      try {
        await invoke(trigger, { ...fixture('event'), detail });
        return 'acknowledged';
      } catch {
        return 'again';
      }
    },
    tick: async (trigger, at) =>
      void (await invoke(trigger, { ...fixture('schedule'), time: new Date(at).toISOString() })),
    async call(trigger, input) {
      try {
        return { value: await invoke(trigger, input) };
      } catch (error) {
        return { code: error instanceof Error ? error.name : String(error) };
      }
    },
    close: async () => {},
  };
}

type Encoded = { body: string | null; isBase64Encoded: boolean };

function v2(method: string, url: URL, headers: Readonly<Record<string, string>>, { body, isBase64Encoded }: Encoded) {
  const event = fixture('http-v2');
  const context = event['requestContext'] as Record<string, unknown>;
  return {
    ...event,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    requestContext: { ...context, http: { ...(context['http'] as object), method, path: url.pathname } },
    ...(body === null ? { body: undefined } : { body }),
    isBase64Encoded,
  };
}

function v1(method: string, url: URL, headers: Readonly<Record<string, string>>, { body, isBase64Encoded }: Encoded) {
  const multiValueQueryStringParameters: Record<string, string[]> = {};
  for (const name of url.searchParams.keys()) multiValueQueryStringParameters[name] = url.searchParams.getAll(name);
  return {
    ...fixture('http-v1'),
    httpMethod: method,
    path: decodeURI(url.pathname),
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters,
    body,
    isBase64Encoded,
  };
}
