import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orchestrator } from '../../functions/orchestrator/function.ts';
import { handlers } from '../../functions/orchestrator/handlers.ts';
import { accessPartition, createKey } from '../../shared/access.ts';
import { openBase } from '../../shared/clouds/local/base.ts';
import { createRuntime } from '../../shared/compose.ts';
import { newId } from '../../shared/domain/ids.ts';
import { createApp } from '../../shared/http/app.ts';
import { openOfflineModel } from '../../shared/models/offline/answers.ts';
import { openConfiguredNotifier } from '../../shared/notifiers/configured.ts';
import type { Store } from '../../shared/ports/store.ts';
import { readMix, requestOf } from '../support/tickets.ts';
import { atMost, type Measure } from './measure.ts';

/** The store with a count of what was asked of it. */
function counted(store: Store): { store: Store; trips(): number } {
  let trips = 0;
  const count = <A extends readonly unknown[], T>(call: (...values: A) => T) => {
    return (...values: A): T => {
      trips++;
      return call(...values);
    };
  };
  const { get, list, find, commit } = store;
  return {
    store: { ...store, get: count(get), list: count(list), find: count(find), commit: count(commit) },
    trips: () => trips,
  };
}

/** Round trips to the store for one accepted ticket, by an instance that knows the key and has a slice of the rate. */
export const roundtripsMeasure: Measure = {
  names: ['post.roundtrips'],
  async run() {
    const data = mkdtempSync(join(tmpdir(), 'trifold-trips-'));
    const base = openBase({ TRIFOLD_DATA_DIR: data, TRIFOLD_LOG_LEVEL: 'error' }, 'bench');
    const { store, trips } = counted(base.store);
    const runtime = createRuntime({ ...base, store }, { model: openOfflineModel, notifier: openConfiguredNotifier });
    try {
      const now = runtime.clock.now();
      const { id, key, write } = createKey('main', 'operator', now);
      await store.commit(`main/${accessPartition(id)}`, [write], newId('cmt', now));
      const app = createApp(runtime, [{ declaration: orchestrator, handlers }]);
      const [ticket] = readMix();
      if (!ticket) throw new Error('The mix is empty');
      const post = async (more: Record<string, string> = {}): Promise<number> => {
        const before = trips();
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more };
        const body = JSON.stringify(requestOf(ticket));
        const answer = await app(new Request('http://localhost/api/tickets', { method: 'POST', headers, body }));
        if (answer.status !== 202) throw new Error(`POST /api/tickets answered ${answer.status}`);
        return trips() - before;
      };
      const cold = await post();
      const plain = await post();
      const keyed = await post({ 'idempotency-key': newId('key', now) });
      const note = `${plain} without Idempotency-Key, ${keyed} with it; ${cold} by a cold instance`;
      return [atMost(2, { name: 'post.roundtrips', value: Math.max(plain, keyed), unit: 'trips', note })];
    } finally {
      await base.queues.close();
      await base.store.close?.();
      rmSync(data, { recursive: true });
    }
  },
};
