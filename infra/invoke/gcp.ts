import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { Answer, Invocation } from './invocation.ts';

/** Below `dist/gcp`: all routes are one service, every other trigger is in its function's bundle. */
export const fileOf = ({ declaration, kind }: Pick<Invocation, 'declaration' | 'kind'>): string =>
  `${kind === 'http' ? 'http' : declaration.name}/index.mjs`;

/** A native HTTP request, as `events/gcp/*.json` hold it. */
interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Headers that belong to the connection, which is another one here. */
const OF_CONNECTION = ['host', 'content-length', 'connection', 'transfer-encoding'];

/** Sends the request to the Functions Framework's own server around the export. */
export async function invoke({ folder, declaration, trigger, kind, event }: Invocation): Promise<Answer> {
  const target = kind === 'http' ? 'http' : trigger;
  // Before the framework: the bundle sets the production mode in which it keeps stack traces to itself.
  const exports: Record<string, unknown> = await import(
    pathToFileURL(`${folder}/${fileOf({ declaration, kind })}`).href
  );
  const framework = await import('@google-cloud/functions-framework');
  const { getTestServer } = await import('@google-cloud/functions-framework/testing');
  const handler = exports[target];
  if (typeof handler !== 'function')
    throw new Error(`${declaration.name} was built without ${trigger}; build it again`);
  // The build makes each export for its kind; the framework's types are Express'.
  if (kind === 'queue' || kind === 'event')
    framework.cloudEvent(target, handler as Parameters<typeof framework.cloudEvent>[1]);
  else framework.http(target, handler as Parameters<typeof framework.http>[1]);
  const server = getTestServer(target).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { method = 'POST', path = '/', headers = {}, body } = event as Request; // the form of events/gcp/*.json
    const { port } = server.address() as AddressInfo; // of a TCP server that listens
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: Object.entries(headers).filter(([name]) => !OF_CONNECTION.includes(name.toLowerCase())),
      ...(body === undefined || method === 'GET' || method === 'HEAD'
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const value = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    return { value, ...(answer.status >= 500 ? { failure: `It answered ${answer.status}` } : {}) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
