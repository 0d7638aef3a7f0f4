import { serve } from '@hono/node-server';
import type { Deployed } from '../../function.ts';
import { createApp } from '../../http/app.ts';
import { handleSchedule } from '../../pipeline/schedule.ts';
import { sweep } from '../../pipeline/sweep.ts';
import type { Runtime } from '../../runtime.ts';
import { startConsumers } from './consumers.ts';
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

/** All functions in one process: HTTP, consumers of queues and events, schedules. Throws when the port is taken. */
export async function startHost(
  runtime: Runtime,
  queues: Queues,
  functions: readonly Deployed[],
  options: LocalHostOptions,
): Promise<LocalHost> {
  const app = createApp(runtime, functions);
  const hostname = options.hostname ?? '127.0.0.1';
  const { server, port } = await listen(app, options.port, hostname);
  const consumers = await startConsumers(runtime, queues, functions);
  const schedules = startSchedules(runtime, functions, (deployed, trigger, at) =>
    handleSchedule(runtime, deployed, trigger, { at }),
  );
  const sweeper = startSweeper(runtime);
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
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

function listen(
  app: ReturnType<typeof createApp>,
  port: number,
  hostname: string,
): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: (request, env) => app(request, clientOf(env)), port, hostname }, (info) =>
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
