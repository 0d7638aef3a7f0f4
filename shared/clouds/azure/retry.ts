import { randomInt } from 'node:crypto';
import { type Clock, systemClock } from '../../ports/clock.ts';
import { asFault, type Fault, toAppError } from './errors.ts';

/** The only retry loop of this cloud, so that attempts are counted, and repeated only where that is safe. */
export interface RetryOptions {
  readonly clock?: Clock;
  /** Milliseconds after which a call gives up, its retries included; 10 s unless told otherwise. */
  readonly deadlineMs?: number;
  /** Milliseconds of silence after which one attempt is taken for lost; 3 s unless told otherwise. */
  readonly attemptMs?: number;
  /** Called before every wait; for counters. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly operation: string;
  readonly reason: string;
  /** 1 for the first retry. */
  readonly attempt: number;
  readonly delayMs: number;
}

export interface Call {
  /** Name of the operation, for counters. */
  readonly operation: string;
  /** Whether the call may be made again when nobody knows if it took effect; true unless told otherwise. */
  readonly repeatable?: boolean;
}

export interface Attempt {
  /** An attempt before this one may have taken effect. */
  readonly afterLost: boolean;
}

export const RETRY_DEFAULTS = { deadlineMs: 10_000, attemptMs: 3_000 } as const;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

export type Retrying = <T>(call: Call, attempt: (attempt: Attempt) => Promise<T>) => Promise<T>;

/**
 * Makes the loop of one adapter; `what` is said to be unavailable. Waits are drawn evenly between nothing and a doubling
 * bound (full jitter), and are never shorter than what the service asked for. Throws `UnavailableError` with outcome
 * `unknown` once any attempt may have taken effect.
 */
export function createRetrying(what: string, options: RetryOptions = {}): Retrying {
  const { clock = systemClock, deadlineMs = RETRY_DEFAULTS.deadlineMs, onRetry } = options;
  return async ({ operation, repeatable = true }, attempt) => {
    const deadline = clock.now() + deadlineMs;
    let lost = false;
    for (let n = 1; ; n++) {
      try {
        return await attempt({ afterLost: lost });
      } catch (error) {
        const fault = asFault(error);
        if (!fault) throw error;
        lost ||= fault.kind === 'lost';
        const delayMs = Math.max(jitter(n), fault.retryAfterMs ?? 0);
        if (!isWorthAnother(fault, repeatable) || clock.now() + delayMs >= deadline)
          throw toAppError(what, fault, lost);
        onRetry?.({ operation, reason: fault.message, attempt: n, delayMs });
        await clock.sleep(delayMs);
      }
    }
  };
}

const isWorthAnother = ({ kind }: Fault, repeatable: boolean): boolean =>
  kind === 'busy' || kind === 'unsent' || (kind === 'lost' && repeatable);

/** Milliseconds to wait before the n-th retry. */
const jitter = (n: number): number => randomInt(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(n - 1, 10)) + 1);
