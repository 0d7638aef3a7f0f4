import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openMetrics } from '../../shared/clouds/local/metrics.ts';
import { openStore } from '../../shared/clouds/local/store.ts';
import type { Log } from '../../shared/log.ts';
import { readModels } from '../../shared/models/routing/configuration.ts';
import type { Provider } from '../../shared/models/routing/provider.ts';
import { createRouter, type Router } from '../../shared/models/routing/router.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Model } from '../../shared/ports/model.ts';
import type { Store } from '../../shared/ports/store.ts';
import type { Scope } from '../../shared/runtime.ts';

/** Time that only passes when everybody sleeps: minutes of twenty instances take seconds. */
export interface SimulatedClock extends Clock {
  /** Runs until nobody sleeps any more. */
  run(): Promise<void>;
}

/** What the store has under way; time must not pass meanwhile. */
interface Busy {
  count: number;
}

function simulatedClock(busy: Busy): SimulatedClock {
  let now = Date.UTC(2026, 10, 1, 12);
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  /** Lets everything happen that needs no time: a few turns of the event loop, and more while the store works. */
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 4 || busy.count > 0; turns++) {
      await setImmediate();
      if (busy.count > 0) turns = 0;
    }
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { at: now + ms, wake: resolve };
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
        sleepers.push(sleeper);
      }),
    async run() {
      for (await settle(); sleepers.length > 0; await settle()) {
        const next = sleepers.reduce((a, b) => (b.at < a.at ? b : a));
        sleepers = sleepers.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}

/** The store with a count of what is under way. */
function counted(store: Store, busy: Busy): Store {
  const count = async <T>(act: Promise<T>): Promise<T> => {
    busy.count += 1;
    return act.finally(() => {
      busy.count -= 1;
    });
  };
  return {
    get: (...args) => count(store.get(...args)),
    list: (...args) => count(store.list(...args)),
    find: (...args) => count(store.find(...args)),
    commit: (...args) => count(store.commit(...args)),
  };
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const OFFLINE: Model = {
  ask: async () => {
    throw new Error('answered offline');
  },
};

export interface Simulation {
  readonly clock: SimulatedClock;
  /** One more instance of the desk, with its own router on the shared store. */
  instance(): Model;
  close(): Promise<void>;
}

/**
 * Instances that share one embedded store, in front of models that `provider` plays; an answer that only the offline
 * model could give is an error. Real time unless `simulated`.
 */
export function startSimulation(
  config: object,
  provider: (clock: Clock) => Provider['generate'],
  real?: Clock,
): Simulation {
  const folder = mkdtempSync(join(tmpdir(), 'trifold-router-'));
  const busy: Busy = { count: 0 };
  const clock = simulatedClock(busy);
  const time = real ?? clock;
  const own = openStore(join(folder, 'store.db'), time);
  const store = counted(own, busy);
  const models = readModels({ TRIFOLD_MODELS: JSON.stringify(config) });
  if (!models) throw new Error('There is a configuration');
  const generate = provider(time);
  const open = async (): Promise<Provider> => ({
    generate,
    embed: async () => ({ vectors: [], usage: { inputTokens: 0, outputTokens: 0 } }),
    close: () => {},
  });
  const routers: Router[] = [];
  return {
    clock,
    instance() {
      const router = createRouter({ store, clock: time, log: SILENT, metrics: openMetrics({}), env: {}, open }, models);
      routers.push(router);
      const signal = new AbortController().signal;
      return router.model({ workspace: 'bench', clock: time, log: SILENT, signal } as Scope, OFFLINE); // reads nothing
    },
    async close() {
      await Promise.all(routers.map((router) => router.close()));
      await own.close?.();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
