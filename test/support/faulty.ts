import { UnavailableError } from '../../shared/errors.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Store } from '../../shared/ports/store.ts';

/** How one call to a store, queue or bus can go wrong. */
export const FAULTS = [
  /** Says that nothing happened, and nothing did. */
  'refused',
  /** Says that it does not know, and nothing happened. */
  'lost request',
  /** Says that it does not know, and it happened. */
  'lost answer',
  /** It happened, and a client's own retry met it: the caller sees a conflict with itself. */
  'own retry',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What the process does at a call: the call itself, a fault, or its end before or after the effect. */
export type Fate = 'well' | Fault | 'crash before' | 'crash after';

/** The process is gone: every later call of it fails as well. */
export class Crashed extends Error {
  constructor() {
    super('This process has ended');
  }
}

export type CallKind = 'get' | 'list' | 'find' | 'commit' | 'send' | 'publish';
export type FateOf = (call: number, kind: CallKind) => Fate;

export interface Edge {
  readonly store: Store;
  readonly queue: Queue;
  readonly bus: Bus;
}

/** Wraps what a process calls, so that each call, counted from 1, goes as `fateOf` says. */
export function withFaults(edge: Edge, fateOf: FateOf): Edge & { calls(): number; crashed(): boolean } {
  let count = 0;
  let gone = false;

  async function reading<T>(kind: CallKind, read: () => Promise<T>): Promise<T> {
    const fate = next(kind);
    if (fate === 'well' || fate === 'own retry') return read();
    if (fate === 'crash after' || fate === 'crash before') return crash();
    throw new UnavailableError('The store', 'none');
  }

  async function writing(kind: CallKind, write: () => Promise<void>): Promise<void> {
    const fate = next(kind);
    if (fate === 'refused') throw new UnavailableError('The service', 'none');
    if (fate === 'lost request') throw new UnavailableError('The service', 'unknown');
    if (fate === 'crash before') return crash();
    await write();
    if (fate === 'lost answer') throw new UnavailableError('The service', 'unknown');
    if (fate === 'crash after') return crash();
    if (fate === 'own retry') await write();
  }

  function next(kind: CallKind): Fate {
    if (gone) throw new Crashed();
    return fateOf(++count, kind);
  }
  function crash(): never {
    gone = true;
    throw new Crashed();
  }

  return {
    store: {
      get: (partition, key) => reading('get', () => edge.store.get(partition, key)),
      list: (partition, range) => reading('list', () => edge.store.list(partition, range)),
      find: (index, hash, range) => reading('find', () => edge.store.find(index, hash, range)),
      commit: (partition, writes, commitId) => writing('commit', () => edge.store.commit(partition, writes, commitId)),
    },
    queue: { send: (queue, messages) => writing('send', () => edge.queue.send(queue, messages)) },
    bus: { publish: (events) => writing('publish', () => edge.bus.publish(events)) },
    calls: () => count,
    crashed: () => gone,
  };
}
