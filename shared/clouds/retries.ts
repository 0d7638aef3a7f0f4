import { randomInt } from 'node:crypto';
import type { Log } from '../log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';

/** How long a cloud's adapters try; each cloud's own loop (`retry.ts`) decides what is worth another attempt. */
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
  /** Name of the API's operation, for counters. */
  readonly operation: string;
  /** Whether the call may be made again when nobody knows if it took effect; true unless told otherwise. */
  readonly repeatable?: boolean;
}

export const RETRY_DEFAULTS = { deadlineMs: 10_000, attemptMs: 3_000 } as const;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/**
 * Milliseconds before the n-th retry: evenly between nothing and a doubling bound, so that callers do not come in step
 * (full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export const jitter = (n: number): number =>
  randomInt(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(n - 1, 10)) + 1);

/** What an instance makes of its adapters' retries: a counter for all, a line for who looks closer. */
export const countRetries =
  (metrics: Metrics, log: Log) =>
  ({ operation, reason, attempt }: Pick<Retry, 'operation' | 'reason' | 'attempt'>): void => {
    metrics.count('cloud_retries_total', { operation });
    log.debug('Retrying', { operation, reason, attempt });
  };
