import { newId } from '../domain/ids.ts';
import { AppError, ConflictError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

const WINDOW_MS = 60_000;
/** One trip to the store leases this share of what is left of a minute's allowance, so that no counter is hot. */
const SLICE = 1 / 20;
const TRIES = 5;

interface Local {
  window: number;
  left: number;
  /** What this instance was given in this window, by the store or by itself. */
  given: number;
  exhausted: boolean;
  leasing: Promise<void> | undefined;
}

export type RateLimiter = (principal: string) => Promise<void>;

/**
 * Requests a minute for one principal over all instances: each instance leases slices of the allowance. Throws 429 with
 * Retry-After. With the store away each instance admits what one alone may.
 */
export function createRateLimiter(runtime: Pick<Runtime, 'store' | 'clock' | 'settings' | 'log'>): RateLimiter {
  const limit = runtime.settings.ratePerMinute;
  const slice = Math.max(1, Math.floor(limit * SLICE));
  const locals = new Map<string, Local>();

  return async (principal) => {
    const now = runtime.clock.now();
    const window = Math.floor(now / WINDOW_MS);
    let local = locals.get(principal);
    if (!local || local.window !== window) {
      if (locals.size > 10_000) locals.clear();
      local = { window, left: 0, given: 0, exhausted: false, leasing: undefined };
      locals.set(principal, local);
    }
    while (local.left <= 0 && !local.exhausted) {
      // Requests that arrive while a slice is being leased wait for that one.
      local.leasing ??= lease(principal, local);
      await local.leasing;
    }
    if (local.left <= 0) {
      const retryAfterSeconds = Math.max(1, Math.ceil(((window + 1) * WINDOW_MS - now) / 1000));
      throw new AppError('rate_limited', `More than ${limit} requests a minute; try again in ${retryAfterSeconds} s`, {
        status: 429,
        retryAfterSeconds,
      });
    }
    local.left--;
  };

  async function lease(principal: string, local: Local): Promise<void> {
    try {
      const granted = await take(`lease/rate/${principal}`, `slice/${local.window}`).catch((error: unknown) => {
        runtime.log.warn('Rate limit without the store', { error: error instanceof Error ? error : undefined });
        return Math.min(slice, limit - local.given);
      });
      local.left += granted;
      local.given += granted;
      local.exhausted = granted <= 0;
    } finally {
      local.leasing = undefined;
    }
  }

  async function take(partition: string, key: string): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const item = await runtime.store.get(partition, key);
      const taken = typeof item?.value === 'number' ? item.value : 0;
      const left = limit - taken;
      if (left <= 0) return 0;
      // Of what is left, not of the whole: instances that come and go strand their slices, and twenty would be all.
      const granted = Math.max(1, Math.floor(left * SLICE));
      const now = runtime.clock.now();
      try {
        await runtime.store.commit(
          partition,
          [{ kind: 'put', key, value: taken + granted, if: item?.version ?? 'absent', expiresAt: now + 2 * WINDOW_MS }],
          newId('cmt', now),
        );
        return granted;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= TRIES) throw error;
      }
    }
  }
}
