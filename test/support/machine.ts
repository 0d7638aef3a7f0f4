import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessPartition, createKey } from '../../shared/access.ts';
import { openBase } from '../../shared/clouds/local/base.ts';
import { subscriptionsOf } from '../../shared/clouds/local/consumers.ts';
import { openQueues, type Queues } from '../../shared/clouds/local/queues.ts';
import { openStore } from '../../shared/clouds/local/store.ts';
import { newId } from '../../shared/domain/ids.ts';
import { createApp } from '../../shared/http/app.ts';
import { handleMessage } from '../../shared/pipeline/message.ts';
import { GRACE_MS, SHARDS, shardHash } from '../../shared/pipeline/outbox.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { Store } from '../../shared/ports/store.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { envelope } from '../conformance/driver.ts';
import { type ManualClock, manualClock } from '../contracts/support.ts';
import { type FateOf, withFaults } from './faulty.ts';
import { deployedLedger } from './ledger.ts';

interface Consumption {
  readonly most?: number;
  readonly order?: (count: number) => number[];
  readonly times?: () => number;
}

/** One life of a process on the machine's disk. */
export interface Process {
  readonly runtime: Runtime;
  /** Calls to store, queue and bus so far. */
  calls(): number;
  crashed(): boolean;
  /** Posts an entry; `undefined` when the process ended before it answered. */
  post(name: string, idempotencyKey?: string): Promise<{ status: number; id?: string } | undefined>;
  /** Takes up to `most` messages of all queues, in the order that `order` gives them, each `times` times. */
  consume(options?: Consumption): Promise<number>;
  /** Sends what is due; whatever the store throws stays for the next time. */
  sweep(): Promise<void>;
}

/** A real local store and broker with a clock that tests move, and processes on it that can fail and end. */
export interface Machine {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly queues: Queues;
  start(fateOf?: FateOf): Promise<Process>;
  /** Sends an entry by queue; returns its message. */
  send(name: string, more?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** Lets a healthy process sweep and consume until nothing moves any more. */
  settle(): Promise<void>;
  /** How often each way of an entry took effect. */
  counts(name: string): Promise<{ entry: number; next: number; counted: number }>;
  /** Rows that are still in an outbox, whenever they are due. */
  outbox(): Promise<number>;
  remove(): Promise<void>;
}

const QUEUES = subscriptionsOf([deployedLedger]);
const NOTHING = { debug() {}, info() {}, warn() {}, error() {} };
const VISIBILITY_MS = 60_000;
const ATTEMPTS = 8;

export async function openMachine(env: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const data = mkdtempSync(join(tmpdir(), 'trifold-'));
  const settings = { TRIFOLD_DATA_DIR: data, TRIFOLD_MAX_ATTEMPTS: String(ATTEMPTS), ...env };
  const base = openBase(settings, 'test');
  const clock = manualClock();
  const store = openStore(join(data, 'machine.db'), clock);
  const queues = openQueues(join(data, 'machine-queues.db'), clock);
  for (const { queue, types } of QUEUES) for (const type of types) await queues.subscribe(type, queue);
  const { id, key, write } = createKey('main', 'operator', clock.now());
  await store.commit(`main/${accessPartition(id)}`, [write], newId('cmt', clock.now()));

  async function start(fateOf: FateOf = () => 'well'): Promise<Process> {
    const edge = withFaults({ store, queue: queues.queue, bus: queues.bus }, fateOf);
    const runtime: Runtime = { ...base, ...edge, clock, log: NOTHING, ports: {} };
    const app = createApp(runtime, [deployedLedger]);
    // Whoever was killed had messages in hand.
    await queues.releaseHeld();

    async function post(name: string, idempotencyKey?: string) {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
      };
      const answer = await app(
        new Request('http://desk/ledger', { method: 'POST', headers, body: JSON.stringify({ name }) }),
      );
      if (edge.crashed()) return undefined;
      const body = JSON.parse(answer.body) as { id?: string }; // the ledger's answer, or a problem document
      return { status: answer.status, ...(answer.status < 400 && body.id ? { id: body.id } : {}) };
    }

    async function consume({
      most = 10,
      order = (count) => [...Array(count).keys()],
      times = () => 1,
    }: Consumption = {}): Promise<number> {
      const received = await Promise.all(
        QUEUES.map(async ({ queue, deployed, trigger }) =>
          (await queues.receive(queue, { max: most, visibilityMs: VISIBILITY_MS })).map((message) => ({
            deployed,
            trigger,
            message,
          })),
        ),
      );
      const messages = received.flat();
      for (const i of order(messages.length)) {
        const one = messages[i];
        if (!one) continue;
        const { deployed, trigger, message } = one;
        let verdict: string = 'again';
        for (let time = times(); time > 0 && !edge.crashed(); time--)
          verdict = await handleMessage(runtime, deployed, trigger, {
            body: message.body,
            nativeId: message.id,
            attempt: message.attempts,
          });
        // A process that is gone acknowledges nothing.
        if (edge.crashed()) return messages.length;
        if (verdict === 'done') await queues.ack([message.receipt]);
        else await queues.retry(message.receipt, 0);
      }
      return messages.length;
    }

    return {
      runtime,
      calls: edge.calls,
      crashed: edge.crashed,
      post,
      consume,
      sweep: () =>
        sweep(runtime).then(
          () => {},
          () => {},
        ),
    };
  }

  const count = async (partition: string): Promise<number> => {
    const { items } = await store.list(`main/${partition}`, { prefix: 'count' });
    return items.reduce((sum, { value }) => sum + (value as { count: number }).count, 0); // written by the ledger
  };

  async function outbox(): Promise<number> {
    const shards = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) => store.find('due', shardHash(shard), { limit: 1000 })),
    );
    return shards.reduce((sum, { items }) => sum + items.length, 0);
  }

  return {
    clock,
    store,
    queues,
    start,
    async send(name, more = {}) {
      const message = envelope('trifold.ledger.v1', { name }, more);
      await queues.queue.send('ledger', [{ id: String(message['id']), body: JSON.stringify(message) }]);
      return message;
    },
    async settle() {
      const healthy = await start();
      for (let round = 0; round < 50; round++) {
        clock.advance(GRACE_MS + 1);
        await healthy.sweep();
        if ((await healthy.consume({ most: 100 })) === 0 && (await outbox()) === 0) return;
      }
      throw new Error('The machine does not come to rest');
    },
    counts: async (name) => ({
      entry: await count(`entry/${name}`),
      next: await count(`next/${name}`),
      counted: await count(`counted/${name}`),
    }),
    outbox,
    async remove() {
      await Promise.all([queues.close(), store.close?.(), base.queues.close(), base.store.close?.()]);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
