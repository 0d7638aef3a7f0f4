import { randomInt } from 'node:crypto';
import { newId } from '../../domain/ids.ts';
import { ConflictError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Item, Store, Write } from '../../ports/store.ts';
import { fromPico, type Pico, toPico } from './usd.ts';

/** The pool of one budget: what ended slices spent, and what living slices hold. */
interface Head {
  readonly v: 1;
  readonly spent: string;
  readonly granted: string;
}

/** What one instance holds of the pool, and has spent of it; after `until` others may take the rest back. */
interface Slice {
  readonly v: 1;
  readonly granted: string;
  readonly spent: string;
  readonly until: number;
}

export interface Ledger {
  /** Sets an amount aside until it is settled; false when the budget has not so much left. Throws when the store is away. */
  reserve(amount: Pico, deadline: number): Promise<boolean>;
  /** Ends a reservation: what was really spent counts, the rest is free again. */
  settle(reserved: Pico, spent: Pico): Promise<void>;
  /** Share of the budget that is spent or held by somebody, as last seen; 0 before the first look. */
  used(): number;
}

export interface LedgerOptions {
  readonly partition: string;
  readonly limit: Pico;
  /** Part of the budget that an instance takes at once: 100 is a hundredth. `undefined` takes call by call. */
  readonly slices: bigint | undefined;
  /** Epoch milliseconds after which nobody looks at this budget any more. */
  readonly expiresAt: number;
}

const HEAD = 'head';
/** A slice is held for so long after its last use. */
const HOLD_MS = 60_000;
/** A call may end so much later than its deadline. */
const LATE_MS = 5_000;
const TRIES = 30;
const MOST_BACK_OFF_MS = 100;

/**
 * One budget shared by all instances without a hot counter. An instance leases a slice of the pool in one conditional
 * commit, reserves and settles calls on that slice by itself, writes down what it spent after each, and gives the rest
 * back when the pool is empty. Slices shrink with the pool, so that little is stranded near the end; those of instances
 * that died are taken back after a minute, with the reservations in them. So all instances together never spend more
 * than the limit, apart from calls that cost more than was estimated.
 */
export function openLedger(deps: { store: Store; clock: Clock; instance: string }, options: LedgerOptions): Ledger {
  const { store, clock, instance } = deps;
  const { partition, limit, expiresAt } = options;
  const mine = `slice/${instance}`;
  let granted = 0n;
  let spent = 0n;
  let reserved = 0n;
  let until = 0;
  /** What of `spent` the store knows. */
  let written = 0n;
  let usedShare = 0;
  let leasing: Promise<boolean> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const fits = (amount: Pico, deadline: number) => until > deadline && granted - spent - reserved >= amount;

  async function reserve(amount: Pico, deadline: number): Promise<boolean> {
    while (!fits(amount, deadline)) {
      // One at a time; whoever waited looks again, and leases for itself if that was not enough.
      if (leasing) await leasing;
      else {
        leasing = exclusively(() => lease(amount, deadline)).finally(() => {
          leasing = undefined;
        });
        if (!(await leasing)) return false;
      }
    }
    reserved += amount;
    return true;
  }

  async function settle(amount: Pico, really: Pico): Promise<void> {
    reserved -= amount;
    spent += really;
    // An empty slice needs no look: nothing was spent, and what was set aside is free in this instance.
    if (really > 0n) await exclusively(writeSpent);
  }

  /** Writes of one instance to its slice follow each other, so that they never conflict among themselves. */
  function exclusively<T>(act: () => Promise<T>): Promise<T> {
    const done = writing.then(act);
    writing = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async function writeSpent(): Promise<void> {
    if (written === spent) return;
    const item = await store.get(partition, mine);
    // Taken back by somebody: what was spent since goes into the next slice.
    if (!item) return;
    const value = spent;
    try {
      await commit([put(mine, toSlice({ granted, spent: value, until }), item)]);
      written = value;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  /** True when the slice has room for it now; false when the pool has not enough. */
  async function lease(amount: Pico, deadline: number): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const now = clock.now();
      const [headItem, own] = await Promise.all([store.get(partition, HEAD), store.get(partition, mine)]);
      if (!own) forgetSlice();
      const head = (headItem?.value as Head | undefined) ?? { spent: '0', granted: '0' }; // written here alone
      let pool = { spent: toPico(head.spent), granted: toPico(head.granted) };
      let ended: readonly Item[] = [];
      const needed = amount + reserved + spent - granted;
      if (needed > limit - pool.spent - pool.granted) {
        ended = await endedSlices(now);
        pool = ended.map(sliceOf).reduce(takeBack, pool);
      }
      const free = limit - pool.spent - pool.granted;
      const enough = needed <= free;
      const share = options.slices === undefined ? 0n : min(limit / options.slices, free / 20n);
      // Without enough in the pool the rest of the slice goes back: together with others' it may do for somebody.
      const more = enough ? max(needed, max(share, 0n)) : min(spent + reserved - granted, 0n);
      usedShare = limit > 0n ? Number(((pool.spent + pool.granted + more) * 10_000n) / limit) / 10_000 : 1;
      if (!enough && more === 0n && ended.length === 0) return false;
      const next = {
        granted: granted + more,
        spent,
        until: enough ? Math.max(until, now + HOLD_MS, deadline + LATE_MS) : until,
      };
      const nextHead: Head = { v: 1, spent: fromPico(pool.spent), granted: fromPico(pool.granted + more) };
      try {
        await commit([
          put(HEAD, nextHead, headItem),
          put(mine, toSlice(next), own),
          ...ended.map((item): Write => ({ kind: 'delete', key: item.key, if: item.version })),
        ]);
        granted = next.granted;
        until = next.until;
        written = next.spent;
        return enough;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= TRIES) throw error;
        await clock.sleep(randomInt(1, Math.min(MOST_BACK_OFF_MS, 4 * 2 ** attempt)));
      }
    }
  }

  /** Others' slices whose time is over; as many as fit into one commit. */
  async function endedSlices(now: number): Promise<readonly Item[]> {
    const { items } = await store.list(partition, { prefix: 'slice/', limit: 1_000 });
    return items.filter((item) => item.key !== mine && sliceOf(item).until <= now).slice(0, 90);
  }

  /** Others took the slice back after its time, with what the store knew of it; the rest is still to be told. */
  function forgetSlice(): void {
    spent -= written;
    granted = 0n;
    written = 0n;
    until = 0;
  }

  const put = (key: string, value: Head | Slice, before: Item | undefined): Write => ({
    kind: 'put',
    key,
    value: { ...value },
    if: before?.version ?? 'absent',
    expiresAt,
  });
  const commit = (writes: readonly Write[]) => store.commit(partition, writes, newId('cmt', clock.now()));

  return { reserve, settle, used: () => usedShare };
}

const sliceOf = (item: Item): Slice => item.value as unknown as Slice; // written here alone
const toSlice = (held: { granted: Pico; spent: Pico; until: number }): Slice => ({
  v: 1,
  granted: fromPico(held.granted),
  spent: fromPico(held.spent),
  until: held.until,
});

/** A slice that ended: what it spent is spent, the rest of it is free. */
const takeBack = (pool: { spent: Pico; granted: Pico }, slice: Slice): { spent: Pico; granted: Pico } => ({
  spent: pool.spent + toPico(slice.spent),
  granted: pool.granted - toPico(slice.granted),
});
const min = (a: Pico, b: Pico): Pico => (a < b ? a : b);
const max = (a: Pico, b: Pico): Pico => (a > b ? a : b);
