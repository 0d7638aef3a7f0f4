import { AppError } from '../../errors.ts';
import { systemClock } from '../../ports/clock.ts';
import { type Call, jitter, RETRY_DEFAULTS, type RetryOptions } from '../retries.ts';
import { toAppError, toFault } from './errors.ts';

export interface Attempt {
  /** Milliseconds left to this attempt. */
  readonly ms: number;
  /** An attempt before this one may have taken effect. */
  readonly afterLost: boolean;
}

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
