import type { Log } from './log.ts';
import type { Clock } from './ports/clock.ts';
import type { PortName, Ports } from './ports/index.ts';
import type { Metrics } from './ports/metrics.ts';
import type { IndexName, Item, Json, Page, Range, Write } from './ports/store.ts';
import type { Principal } from './principal.ts';
import type { Trace } from './trace.ts';

/** What the workspace's own data looks like to a handler; partitions and hashes without the workspace in front. */
export interface Reader {
  /** The item's value as `T`: what this app wrote itself, checked by its schema version. */
  get<T = Json>(partition: string, key: string): Promise<Item<T> | undefined>;
  list<T = Json>(partition: string, range?: Range): Promise<Page<Item<T>>>;
  /** `name` is the use of the index, `hash` the value in the workspace: `find('i1', 'ticket-state', 'closed')`. */
  find<T = Json>(index: IndexName, name: string, hash: string, range?: Range): Promise<Page<Item<T>>>;
}

export interface Outgoing<S extends string> {
  readonly to: S;
  readonly data: Json;
  readonly subject?: string;
  /** Epoch milliseconds before which it does not leave: a timer. */
  readonly at?: number;
  /** Name by which a later commit in the same partition may `cancel` it; the second with one name replaces the first. */
  readonly name?: string;
}

export interface Emitted<E extends string> {
  readonly type: E;
  readonly subject: string;
  readonly data: Json;
}

/** All of it takes effect, or none of it. */
export interface Change<S extends string, E extends string, A = undefined> {
  readonly writes?: readonly Write[];
  readonly send?: readonly Outgoing<S>[];
  readonly emit?: readonly Emitted<E>[];
  /** Names of timers that have become pointless. */
  readonly cancel?: readonly string[];
  /** What an HTTP route answers; kept with the change, so that a repeated request gets the same. */
  readonly answer?: A;
}

/** All that a handler may touch. It is dead once its invocation is over: a late commit throws. */
export type Context<U extends PortName = never, S extends string = never, E extends string = never> = Pick<Ports, U> & {
  readonly workspace: string;
  readonly principal: Principal;
  readonly trace: Trace;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Aborted at the deadline. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly read: Reader;
  /** In a route that `creates`: the id of the new thing; the same one for the same `Idempotency-Key`. */
  readonly id: string;
  /**
   * The only way to change state or to send: one partition, all or nothing, together with the mark that this message or
   * request is done. Throws `ConflictError` when a condition does not hold: read again and decide anew, or let it pass.
   * A second commit of one invocation may only record what the outside world answered.
   */
  commit<A = undefined>(partition: string, change: Change<S, E, A>): Promise<A>;
};
