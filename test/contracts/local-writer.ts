/**
 * A process of its own that writes to a local store, for tests of crashes and of several processes:
 * `storm` commits three rows at a time for ever and prints each acknowledged commit; `increment` adds to one counter.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../shared/clouds/local/store.ts';
import { ConflictError } from '../../shared/errors.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import type { Store, Write } from '../../shared/ports/store.ts';

const ROWS = ['head', 'inbox', 'outbox'] as const;

/** The three rows of one commit, told apart by its number. */
export const stormWrites = (n: number): Write[] =>
  ROWS.map((row) => ({
    kind: 'put',
    key: `${row}#${String(n).padStart(6, '0')}`,
    value: { n, text: 'x'.repeat(300) },
    if: 'absent',
  }));

async function storm(store: Store): Promise<never> {
  const writer = async (name: string): Promise<never> => {
    for (let n = 0; ; n++) {
      await store.commit(name, stormWrites(n), `${name}#${n}`);
      // Synchronous, so that what is printed was acknowledged and nothing acknowledged stays in a buffer.
      writeSync(1, `${name} ${n}\n`);
    }
  };
  return Promise.race(Array.from({ length: 5 }, (_, i) => writer(`writer-${i}`)));
}

/** Adds 1 to the item `counter` of the partition `shared`, `times` times, against whoever else does. */
export async function increment(store: Store, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const item = await store.get('shared', 'counter');
    try {
      const write: Write = {
        kind: 'put',
        key: 'counter',
        value: Number(item?.value ?? 0) + 1,
        if: item?.version ?? 'absent',
      };
      await store.commit('shared', [write], `${process.pid}#${done}`);
      done++;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

if (import.meta.main) {
  const [mode, path = '', times] = process.argv.slice(2);
  const store = openStore(path, systemClock);
  if (mode === 'storm') await storm(store);
  await increment(store, Number(times));
  await store.close?.();
}
