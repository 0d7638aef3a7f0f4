import type { Reader } from './context.ts';
import type { Log } from './log.ts';
import type { Bus } from './ports/bus.ts';
import type { Clock } from './ports/clock.ts';
import type { PortName, Ports } from './ports/index.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Objects } from './ports/objects.ts';
import type { Queue } from './ports/queue.ts';
import type { Store } from './ports/store.ts';
import type { CloudName, Environment, Settings } from './settings.ts';

/** What a port that belongs to one workspace is opened with, for one invocation. */
export interface Scope {
  readonly workspace: string;
  readonly read: Reader;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What every artifact has, whatever its functions use: created once for an instance by the cloud's `base.ts`. */
export interface Base {
  readonly cloud: CloudName;
  readonly env: Environment;
  readonly settings: Settings;
  readonly store: Store;
  readonly queue: Queue;
  readonly bus: Bus;
  /** Of all workspaces: message bodies over a queue's limit wait here. */
  readonly objects: () => Objects;
  readonly clock: Clock;
  readonly metrics: Metrics & { text(): string };
  readonly log: Log;
}

/** Opens a port: once for an instance with its base, then cheaply for each invocation. */
export type PortOpener<P> = (base: Base) => (scope: Scope) => P;
export type PortOpeners = { readonly [P in Exclude<PortName, 'desk'>]?: PortOpener<Ports[P]> };

/** What the pipeline runs on. */
export interface Runtime extends Base {
  readonly ports: { readonly [P in PortName]?: (scope: Scope) => Ports[P] };
}
