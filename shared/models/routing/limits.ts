import { newId } from '../../domain/ids.ts';
import { ConflictError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Store } from '../../ports/store.ts';
import type { ModelSettings } from './configuration.ts';
import { inTime } from './in-time.ts';

interface Amount {
  readonly requests: number;
  readonly tokens: number;
}

interface Local {
  readonly window: number;
  requests: number;
  tokens: number;
  exhausted: boolean;
  leasing: Promise<void> | undefined;
}

export interface Limits {
  /** Takes one request with its tokens from this minute's allowance; `until` (epoch milliseconds) when it is used up. */
  take(model: ModelSettings, tokens: number): Promise<{ readonly until: number } | undefined>;
  /** Corrects an estimate by what was really used. */
  settle(model: ModelSettings, estimated: number, used: number): void;
}

const WINDOW_MS = 60_000;
/** One trip to the store leases this share of a minute's allowance, so that no counter is hot. */
const SLICE = 1 / 20;
const TRIES = 6;

/**
 * Requests and tokens a minute of each model, over all instances: each leases slices from the store (as the pipeline
 * does for principals). With the store away an instance takes one slice after the other by itself; the vendor's 429
 * holds then.
 */
export function createLimits(deps: { store: Store; clock: Clock; log: Log; metrics: Metrics }): Limits {
  const { store, clock, log, metrics } = deps;
  const locals = new Map<string, Local>();

  function localOf(model: ModelSettings, window: number): Local {
    let local = locals.get(model.key);
    if (local?.window !== window) {
      local = { window, requests: 0, tokens: 0, exhausted: false, leasing: undefined };
      locals.set(model.key, local);
    }
    return local;
  }

  async function take(model: ModelSettings, tokens: number): Promise<{ until: number } | undefined> {
    if (!model.requestsPerMinute && !model.tokensPerMinute) return undefined;
    const window = Math.floor(clock.now() / WINDOW_MS);
    const local = localOf(model, window);
    const enough = () => local.requests >= 1 && local.tokens >= tokens;
    while (!enough() && !local.exhausted) {
      local.leasing ??= lease(model, local, tokens);
      await local.leasing;
    }
    if (!enough()) return { until: (window + 1) * WINDOW_MS };
    local.requests -= 1;
    local.tokens -= tokens;
    return undefined;
  }

  async function lease(model: ModelSettings, local: Local, tokens: number): Promise<void> {
    const limit = limitOf(model);
    const want: Amount = {
      requests: local.requests >= 1 ? 0 : Math.max(1, Math.floor(limit.requests * SLICE)),
      tokens: local.tokens >= tokens ? 0 : Math.max(tokens - local.tokens, Math.floor(limit.tokens * SLICE)),
    };
    try {
      const granted = await grant(model, local.window, want, limit);
      local.requests += granted.requests;
      local.tokens += granted.tokens;
      local.exhausted = granted.requests < Math.min(1, want.requests) || local.tokens < tokens;
    } catch (error) {
      log.warn('Model limits without the store', {
        model: model.key,
        error: error instanceof Error ? error : undefined,
      });
      local.requests += want.requests;
      local.tokens += want.tokens;
    } finally {
      local.leasing = undefined;
    }
  }

  async function grant(model: ModelSettings, window: number, want: Amount, limit: Amount): Promise<Amount> {
    const partition = `lease/model/${model.key}`;
    const key = `slice/${window}`;
    for (let attempt = 1; ; attempt++) {
      const item = await inTime(store.get(partition, key));
      const taken = (item?.value as Amount | undefined) ?? { requests: 0, tokens: 0 }; // written here alone
      const granted = {
        requests: Math.max(0, Math.min(want.requests, limit.requests - taken.requests)),
        tokens: Math.max(0, Math.min(want.tokens, limit.tokens - taken.tokens)),
      };
      const next = { requests: taken.requests + granted.requests, tokens: taken.tokens + granted.tokens };
      metrics.set('ai_service_quota_usage_percent', { model: model.key }, shareOf(next, limit));
      if (granted.requests + granted.tokens === 0) return granted;
      const now = clock.now();
      const write = {
        kind: 'put',
        key,
        value: next,
        if: item?.version ?? 'absent',
        expiresAt: now + 2 * WINDOW_MS,
      } as const;
      try {
        await inTime(store.commit(partition, [write], newId('cmt', now)));
        return granted;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= TRIES) throw error;
      }
    }
  }

  function settle(model: ModelSettings, estimated: number, used: number): void {
    const local = locals.get(model.key);
    // In a later minute the difference is nobody's any more.
    if (local?.window === Math.floor(clock.now() / WINDOW_MS)) local.tokens += estimated - used;
  }

  return { take, settle };
}

/** Enough that it never counts, and still exact in sums. */
const UNLIMITED = 1e12;

const limitOf = (model: ModelSettings): Amount => ({
  requests: model.requestsPerMinute ?? UNLIMITED,
  tokens: model.tokensPerMinute ?? UNLIMITED,
});

const shareOf = (taken: Amount, limit: Amount): number =>
  Math.min(100, 100 * Math.max(taken.requests / limit.requests, taken.tokens / limit.tokens));
