import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { OpenStore, StoreBench } from './store-bench.ts';
import { conditionBehaviour, expiryBehaviour } from './store-conditions.ts';
import { findBehaviour } from './store-find.ts';
import { listBehaviour } from './store-list.ts';
import { concurrencyBehaviour } from './store-races.ts';
import { limitBehaviour, valueBehaviour } from './store-values.ts';
import { manualClock, type SuiteOptions, suite, unique } from './support.ts';

export { mustGet, type OpenedStore, type OpenStore, put } from './store-bench.ts';

export interface StoreSuiteOptions extends SuiteOptions {
  /** Competing writers and how often each increments; 10 and 100 unless an emulator is too slow for that. */
  readonly writers?: number;
  readonly increments?: number;
  /** Items to page through; 260 by default. */
  readonly items?: number;
}

/** What every store promises (`shared/ports/store.ts`), whichever cloud it stands on. */
export function storeContract(name: string, open: OpenStore, options: StoreSuiteOptions = {}): void {
  suite(`store contract: ${name}`, options, () => {
    // Filled in beforeAll, before any test can look at it.
    const bench = { clock: manualClock() } as StoreBench;
    let close = async () => {};
    beforeAll(async () => {
      const opened = await open({ clock: bench.clock });
      bench.store = opened.store;
      close = opened.close;
    });
    afterAll(() => close());
    beforeEach(() => {
      bench.partition = unique('ws/contract');
    });

    describe('values', () => valueBehaviour(bench));
    describe('conditions', () => conditionBehaviour(bench));
    describe('expiry', () => expiryBehaviour(bench));
    describe('limits', () => limitBehaviour(bench));
    describe('list', () => listBehaviour(bench, options.items ?? 260));
    describe('find', () => findBehaviour(bench, options.items ?? 260));
    describe('competing writers', () => concurrencyBehaviour(bench, options.writers ?? 10, options.increments ?? 100));
  });
}
