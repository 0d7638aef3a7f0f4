import { serve } from '@hono/node-server';
import { asAppError } from '../../errors.ts';
import type { Deployed } from '../../function.ts';
import { createApp, type Fetch } from '../../http/app.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import { recover, sweep } from '../../pipeline/sweep.ts';
import type { Runtime } from '../../runtime.ts';
import type { LocalBase } from './base.ts';
import { startConsumers } from './consumers.ts';
import { answerSignedLink } from './downloads.ts';
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

/** All functions in one process: HTTP, consumers of queues and events, schedules. Throws when the port is taken. */
export async function startHost(
  runtime: Runtime,
  base: Pick<LocalBase, 'queues' | 'objects' | 'setUrl'>,
  functions: readonly Deployed[],
  options: LocalHostOptions,
): Promise<LocalHost> {
  const app = createApp(runtime, functions);
  const front: Fetch = async (request, client) =>
    (await answerSignedLink(request, base.objects, runtime.clock)) ?? app(request, client);
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
  const sweeper = startSweeper(runtime);
  return {
    url,
    async stop() {
      sweeper.stop();
      schedules.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await Promise.all([consumers.stop(), closed]);
    },
  };
}

type Server = ReturnType<typeof serve>;

function listen(front: Fetch, port: number, hostname: string): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: (request, env) => front(request, clientOf(env)), port, hostname }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.on('error', reject);
  });
}

/** The node server hands over its own request, whose socket knows the caller. */
function clientOf(env: unknown): { address?: string } {
  const incoming =
    typeof env === 'object' && env !== null && 'incoming' in env
      ? (env.incoming as { socket?: { remoteAddress?: string } })
      : {}; // set by @hono/node-server
  return incoming.socket?.remoteAddress ? { address: incoming.socket.remoteAddress } : {};
}

/** One sweep at a time; a failed one is tried again with the next. */
function startSweeper(runtime: Runtime): { stop(): void } {
  let sweeping = false;
  const timer = setInterval(async () => {
    if (sweeping) return;
    sweeping = true;
    try {
      await sweep(runtime);
    } catch (error) {
      runtime.log.warn('Could not sweep', { error: error instanceof Error ? error : undefined });
    } finally {
      sweeping = false;
    }
  }, SWEEP_MS);
  return { stop: () => clearInterval(timer) };
}
