import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { asAppError, badRequest } from '../../errors.ts';
import type { Deployed } from '../../function.ts';
import { type Client, createApp } from '../../http/app.ts';
import { toResponse } from '../../http/exchange.ts';
import { toProblem } from '../../http/problem.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import { recover, sweep } from '../../pipeline/sweep.ts';
import type { Runtime } from '../../runtime.ts';
import { startSpan } from '../../trace.ts';
import type { LocalBase } from './base.ts';
import { startConsumers, subscriptionsOf } from './consumers.ts';
import { answerSignedLink } from './downloads.ts';
import type { Queues } from './queues.ts';
import { startSchedules } from './schedules.ts';

export interface LocalHostOptions {
  readonly port: number;
  /** Address to listen on; loopback unless told otherwise. */
  readonly hostname?: string;
}

export interface LocalHost {
  readonly url: string;
  /** Takes no more work, lets what is under way end, and closes. */
  stop(): Promise<void>;
}

/** The local desk looks for due timers this often, in place of the clouds' minute. Milliseconds. */
const SWEEP_MS = 1_000;
/** While it stops, the desk looks this often for connections whose request has ended. Milliseconds. */
const CLOSE_IDLE_MS = 50;

/** All functions in one process: HTTP, consumers of queues and events, schedules. Throws when the port is taken. */
export async function startHost(
  runtime: Runtime,
  base: Pick<LocalBase, 'queues' | 'objects' | 'setUrl'>,
  functions: readonly Deployed[],
  options: LocalHostOptions,
): Promise<LocalHost> {
  const app = createApp(runtime, functions);
  const front: Front = async (request, client) =>
    (await answerSignedLink(request, base.objects, runtime.clock)) ?? toResponse(await app(request, client));
  const hostname = options.hostname ?? '127.0.0.1';
  const { server, port } = await listen(front, options.port, hostname);
  const url = `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  base.setUrl(url);
  const consumers = await startConsumers(runtime, base.queues, functions);
  // What cannot leave now is the sweeper's.
  await recover(runtime).catch((error: unknown) =>
    runtime.log.warn('Could not send what was left', { error: asAppError(error) }),
  );
  const schedules = startSchedules(runtime, functions, (deployed, trigger, at) =>
    handleSchedule(runtime, deployed, trigger, { at }),
  );
  const sweeper = startSweeper(
    runtime,
    base.queues,
    subscriptionsOf(functions).map(({ queue }) => queue),
  );
  return {
    url,
    async stop() {
      sweeper.stop();
      schedules.stop();
      await Promise.all([consumers.stop(), close(server)]);
    },
  };
}

/** Takes no more connections and lets requests end; then their connections go, which clients would keep open. */
async function close(server: Server): Promise<void> {
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(timer);
}

type Front = (request: Request, client: Client) => Promise<Response>;

function listen(front: Front, port: number, hostname: string): Promise<{ server: Server; port: number }> {
  /** What never became a request of ours (an impossible Host, for one) is refused in our words. */
  const refuse = (thrown: unknown): Response => {
    const error =
      thrown instanceof RequestError ? badRequest(`This is no request: ${thrown.message}`) : asAppError(thrown);
    return toResponse(toProblem(error, startSpan(undefined).traceId));
  };
  return new Promise((resolve, reject) => {
    const answer = async (request: Request, env: unknown) =>
      isRequestUrl(request.url) ? front(request, clientOf(env)) : refuse(new RequestError('Invalid host header'));
    const server = createServer(getRequestListener(answer, { hostname, errorHandler: refuse }));
    server.once('error', reject);
    server.listen(port, hostname, () => resolve({ server, port: (server.address() as AddressInfo).port })); // of a TCP server
  });
}

/** Some hosts pass the listener's check and make no URL (`08`, a broken IPv4 address) or none for a request (`a@b`). */
function isRequestUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '';
}

/** The node server hands over its own request, whose socket knows the caller. */
function clientOf(env: unknown): { address?: string } {
  const incoming =
    typeof env === 'object' && env !== null && 'incoming' in env
      ? (env.incoming as { socket?: { remoteAddress?: string } })
      : {}; // set by @hono/node-server
  return incoming.socket?.remoteAddress ? { address: incoming.socket.remoteAddress } : {};
}

/** One sweep at a time, and a look at how much waits; what failed is tried again with the next. */
function startSweeper(runtime: Runtime, queues: Queues, names: readonly string[]): { stop(): void } {
  let sweeping = false;
  const timer = setInterval(async () => {
    if (sweeping) return;
    sweeping = true;
    try {
      await sweep(runtime);
      for (const queue of names)
        runtime.metrics.set('ticket_queue_depth', { queue }, (await queues.depth(queue)).ready);
    } catch (error) {
      runtime.log.warn('Could not sweep', { error: error instanceof Error ? error : undefined });
    } finally {
      sweeping = false;
    }
  }, SWEEP_MS);
  return { stop: () => clearInterval(timer) };
}
