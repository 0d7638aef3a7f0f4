import { newId } from '../../domain/ids.ts';
import { ConflictError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Json, Store, Version } from '../../ports/store.ts';
import * as health from './health.ts';
import { type Health, type Slot, standing, WELL } from './health.ts';
import { inTime } from './in-time.ts';

/** Leave to make one call, or until when there is none. */
export type Admission =
  | { readonly kind: 'go' }
  | { readonly kind: 'probe'; readonly holder: string }
  | { readonly kind: 'wait'; readonly until: number; readonly why: 'open' | 'cooling' };

export type Outcome =
  /** Any answer that shows the model to be alive; also a 400 or a filter, when it was a probe. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  /** Says nothing of the model's health. */
  | { readonly kind: 'neutral' }
  /** The call was not made, or nobody waited for its end. */
  | { readonly kind: 'unknown' };

export interface Breaker {
  admit(key: string): Promise<Admission>;
  /** Ends what `admit` began. Never throws. */
  report(key: string, admission: Admission, outcome: Outcome): Promise<void>;
  /** A health check reached the model: an open breaker becomes half-open. */
  reached(key: string): Promise<void>;
  /** Asks the store unless that was done within the last second. Never throws. */
  refresh(key: string): Promise<void>;
  /** What this instance believes at the moment, without asking the store. */
  believed(key: string): Health;
}

interface Known {
  health: Health;
  version: Version | undefined;
  /** When the store was last asked, and answered or failed to. */
  readAt: number;
  /** When this instance last told what the others had not heard of. */
  toldAt: number;
  /** Until when the store is not asked, because it did not answer. */
  awayUntil: number;
  /** What the others have not heard of. */
  unheard: readonly Slot[];
  reading: Promise<void> | undefined;
}

const CACHE_MS = 1_000;
const TRIES = 6;
const KEY = 'health';
/** What nobody looks at for so long is forgotten; a breaker that is open is looked at. */
const KEPT_MS = 24 * 3_600_000;

const partitionOf = (key: string): string => `lease/model/${key}`;

/**
 * One breaker for each model, shared by all instances through the store: conditional writes decide, what was read is
 * believed for at most a second. In good times nothing is written; failures are, and successes while there are failures
 * to weigh them against. When the store is away, the instance goes on with what it knows and sees itself.
 */
export function createBreaker(deps: { store: Store; clock: Clock; log: Log }): Breaker {
  const { store, clock, log } = deps;
  const known = new Map<string, Known>();

  function get(key: string): Known {
    let one = known.get(key);
    if (!one) {
      one = {
        health: WELL,
        version: undefined,
        readAt: -CACHE_MS,
        toldAt: -CACHE_MS,
        awayUntil: 0,
        unheard: [],
        reading: undefined,
      };
      known.set(key, one);
    }
    return one;
  }

  async function read(key: string, one: Known): Promise<void> {
    const asked = clock.now();
    const item = await inTime(store.get(partitionOf(key), KEY));
    one.health = item ? (item.value as unknown as Health) : WELL; // written here alone
    one.version = item?.version;
    one.readAt = asked;
  }

  async function refresh(key: string, one: Known): Promise<void> {
    const now = clock.now();
    if (now - one.readAt < CACHE_MS || now < one.awayUntil) return;
    one.reading ??= read(key, one)
      .catch((error: unknown) => away(key, one, error))
      .finally(() => {
        one.reading = undefined;
      });
    await one.reading;
  }

  /** Its own judgement for a second; then the store is asked again. */
  function away(key: string, one: Known, error: unknown): void {
    one.awayUntil = clock.now() + CACHE_MS;
    log.warn('Model health without the store', { model: key, error: asError(error) });
  }

  /** Applies a change to the shared state; true when it is there, or when it changed nothing. */
  async function change(key: string, one: Known, next: (health: Health) => Health): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const before = one.health;
      const after = next(before);
      if (after === before) return true;
      const now = clock.now();
      if (now < one.awayUntil) {
        one.health = after;
        return true;
      }
      const write = {
        kind: 'put',
        key: KEY,
        value: after as unknown as Json, // plain JSON by its type
        if: one.version ?? 'absent',
        expiresAt: now + KEPT_MS,
      } as const;
      try {
        await inTime(store.commit(partitionOf(key), [write], newId('cmt', now)));
        one.health = after;
        // The new version is only known after reading; until then the old one would conflict.
        await read(key, one);
        return true;
      } catch (error) {
        if (!(error instanceof ConflictError)) {
          one.health = after;
          away(key, one, error);
          return true;
        }
        if (attempt >= TRIES) return false;
        const seen = await read(key, one).then(
          () => true,
          () => false,
        );
        if (!seen) return false;
      }
    }
  }

  async function admit(key: string): Promise<Admission> {
    const one = get(key);
    await refresh(key, one);
    const stand = standing(one.health, clock.now());
    if (stand.kind !== 'half-open') return stand;
    const holder = newId('prb', clock.now());
    let lost: Admission | undefined;
    await change(key, one, (current) => {
      const now = clock.now();
      const again = standing(current, now);
      lost = again.kind === 'half-open' ? undefined : again;
      return lost ? current : health.probing(current, holder, now);
    });
    if (lost) return lost;
    if (one.health.probe?.holder === holder) return { kind: 'probe', holder };
    return { kind: 'wait', until: clock.now() + CACHE_MS, why: 'open' };
  }

  async function report(key: string, admission: Admission, outcome: Outcome): Promise<void> {
    const one = get(key);
    const now = clock.now();
    if (admission.kind === 'probe') {
      const { holder } = admission;
      await change(key, one, (current) => {
        if (outcome.kind === 'unknown') return health.unprobed(current, holder);
        const after = health.probed(current, holder, outcome.kind !== 'failed', now);
        return outcome.kind === 'throttled' ? health.throttled(after, outcome.retryAfterMs, now) : after;
      });
      return;
    }
    if (outcome.kind === 'throttled')
      await change(key, one, (current) => health.throttled(current, outcome.retryAfterMs, now));
    if (outcome.kind === 'answered') {
      one.unheard = health.addSlots(health.recent(one.unheard, now), [health.slotOf(now, { ok: 1 })]);
      const quiet = !health.isTroubled(one.health, now) && one.health.throttles === 0;
      if (!quiet && now - one.toldAt >= CACHE_MS) await publish(key, one, now);
    }
    if (outcome.kind === 'failed') {
      one.unheard = health.addSlots(one.unheard, [health.slotOf(now, { failed: 1 })]);
      await publish(key, one, now);
    }
  }

  /** Tells the others what they have not heard of. */
  async function publish(key: string, one: Known, now: number): Promise<void> {
    const slots = one.unheard;
    one.unheard = [];
    one.toldAt = now;
    const told = await change(key, one, (current) => health.tally(current, slots, now));
    // Too many at once: this instance has it in mind until its next word.
    if (!told) one.unheard = health.addSlots(one.unheard, slots);
  }

  async function reached(key: string): Promise<void> {
    const one = get(key);
    await refresh(key, one);
    await change(key, one, (current) => health.reached(current, clock.now()));
  }

  return { admit, report, reached, refresh: (key) => refresh(key, get(key)), believed: (key) => get(key).health };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
