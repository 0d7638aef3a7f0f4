import { randomInt } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { type Clock, systemClock } from '../../ports/clock.ts';
import { toAppError, toFault } from './errors.ts';

/** The only retry loop: the SDK's own is off, so that attempts are counted, and repeated only where that is safe. */
export interface RetryOptions {
  readonly clock?: Clock;
  /** Milliseconds after which a call gives up, its retries included; 10 s unless told otherwise. */
  readonly deadlineMs?: number;
  /** Milliseconds after which one attempt is taken for lost; 3 s unless told otherwise. */
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
  /** Name of the API's operation. */
  readonly operation: string;
  /** Whether the call may be made again when nobody knows if it took effect; true unless told otherwise. */
  readonly repeatable?: boolean;
}

export interface Attempt {
  /** Milliseconds left to this attempt. */
  readonly ms: number;
  /** An attempt before this one may have taken effect. */
  readonly afterLost: boolean;
}

export const RETRY_DEFAULTS = { deadlineMs: 10_000, attemptMs: 3_000 } as const;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

export type Retrying = <T>(call: Call, attempt: (attempt: Attempt) => Promise<T>) => Promise<T>;

/**
 * Makes the loop of one adapter; `what` is said to be unavailable, `renew` forgets an identity that was refused. An
 * `AppError` from an attempt ends the loop (the adapter has understood the answer); anything else is read as a fault of
 * the network or the service. Waits are drawn evenly between nothing and a doubling bound (full jitter:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and are never shorter than what the
 * service asked for. Throws `UnavailableError` with outcome `unknown` once any attempt may have taken effect.
 */
export function createRetrying(what: string, renew: () => void, options: RetryOptions = {}): Retrying {
  const { clock = systemClock, onRetry } = options;
  const { deadlineMs, attemptMs } = { ...RETRY_DEFAULTS, ...options };
  return async ({ operation, repeatable = true }, attempt) => {
    const deadline = clock.now() + deadlineMs;
    let lost = false;
    for (let n = 1; ; n++) {
      const ms = Math.max(1, Math.min(attemptMs, deadline - clock.now()));
      try {
        return await attempt({ ms, afterLost: lost });
      } catch (error) {
        if (error instanceof AppError) throw error;
        const fault = toFault(error);
        lost ||= fault.kind === 'lost';
        if (fault.kind === 'credentials') renew();
        const delayMs = Math.max(jitter(n), fault.retryAfterMs ?? 0);
        const again = fault.kind === 'busy' || fault.kind === 'unsent' || (fault.kind === 'lost' && repeatable);
        if (!again || clock.now() + delayMs >= deadline) throw toAppError(what, fault, lost);
        onRetry?.({ operation, reason: fault.reason, attempt: n, delayMs });
        await clock.sleep(delayMs);
      }
    }
  };
}

/** Milliseconds to wait before the n-th retry. */
export const jitter = (n: number): number => randomInt(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (n - 1)) + 1);
