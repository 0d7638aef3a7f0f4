import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functions } from '../../../functions/index.ts';
import type { Cloud } from '../../../infra/build/artifacts.ts';
import { build } from '../../../infra/build.ts';
import { accessPartition, createKey } from '../../../shared/access.ts';
import { type Subscription, subscriptionsOf } from '../../../shared/clouds/local/consumers.ts';
import { createRuntime } from '../../../shared/compose.ts';
import { newId } from '../../../shared/domain/ids.ts';
import { fillWithSample } from '../../../shared/providers/sample/fill.ts';
import type { Base } from '../../../shared/runtime.ts';
import type { Host, HostOptions, Target } from '../../runtime/hosts/host.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { type People, startPeople } from './people.ts';

/** The built desk on a cloud's runtime, with that cloud's emulated services behind it. */
export interface CloudDesk {
  readonly cloud: Cloud;
  readonly host: Host;
  /** The cloud's own ports, for whoever writes to its queues and bus from outside. */
  readonly base: Base;
  /** An admin's API key. */
  readonly key: string;
  readonly people: People;
  readonly deliveries: Deliveries;
  /** Nothing comes out of this queue until it is released. */
  hold(queue: string): Promise<void>;
  release(queue: string): Promise<void>;
  stop(): Promise<void>;
}

/** A cloud's emulated services, and how its artifacts run on them. */
export interface Services {
  /** For the artifacts, and for ports of the test's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Fixed before the artifacts start, since some clouds push to them. */
  openBase(env: Readonly<Record<string, string>>): Base;
  openHost(options: HostOptions): Promise<Host>;
  /** Plays what stands between queues, bus and functions, until stopped. */
  feed(options: HostOptions & { host: Host; deliveries: Deliveries }): Promise<Feeder>;
  stop(): Promise<void>;
}

export interface Feeder extends Pick<CloudDesk, 'hold' | 'release'> {
  stop(): Promise<void>;
}

/** A queue, or a subscription of the bus, with the trigger that it feeds. */
export interface Source {
  readonly name: string;
  readonly target: Target;
  /** Of the bus: the event types; empty for a queue. */
  readonly types: readonly string[];
}

export const sources: readonly Source[] = subscriptionsOf(
  functions.map((declaration) => ({ declaration, handlers: {} })),
).map(({ deployed, trigger, queue, types }: Subscription) => ({
  name: queue,
  target: { function: deployed.declaration.name, trigger },
  types,
}));

/** A message is tried so often before it becomes a dead letter. */
export const MAX_ATTEMPTS = 3;

/** Builds the artifacts, fills the store with customers and articles, and begins to feed. */
export async function openDesk(cloud: Cloud, services: Services): Promise<CloudDesk> {
  const out = mkdtempSync(join(tmpdir(), 'trifold-e2e-'));
  await build({ clouds: [cloud], out });
  const people = await startPeople();
  const env = { ...services.env, TRIFOLD_WEBHOOK_URL: people.url, TRIFOLD_MAX_ATTEMPTS: String(MAX_ATTEMPTS) };
  const base = services.openBase({ ...env, TRIFOLD_LOG_LEVEL: 'error' });
  const key = await fill(base);
  const deliveries = createDeliveries();
  const options = { dir: join(out, cloud), env };
  const host = await services.openHost(options);
  const feeder = await services.feed({ ...options, host, deliveries });
  return {
    cloud,
    host,
    base,
    key,
    people,
    deliveries,
    hold: feeder.hold,
    release: feeder.release,
    async stop() {
      await feeder.stop();
      await host.stop();
      await Promise.all([base.store.close?.(), base.queue.close?.(), base.bus.close?.()]);
      await services.stop();
      await people.stop();
      rmSync(out, { recursive: true });
    },
  };
}

/** Customers, articles and an admin's key, which it returns; the sample's own tickets would only take time. */
async function fill(base: Base): Promise<string> {
  const runtime = createRuntime(base, {});
  await fillWithSample({ ...runtime, queue: { send: async () => {} } });
  const now = base.clock.now();
  const { id, key, write } = createKey('main', 'admin', now);
  await base.store.commit(`main/${accessPartition(id)}`, [write], newId('cmt', now));
  return key;
}
