import { systemClock } from '../../ports/clock.ts';
import { type Call, jitter, RETRY_DEFAULTS, type RetryOptions } from '../retries.ts';
import { asFault, type Fault, toAppError } from './errors.ts';

export interface Attempt {
  /** An attempt before this one may have taken effect. */
  readonly afterLost: boolean;
}

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
