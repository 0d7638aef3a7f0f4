import type { Usage } from '../../ports/model.ts';

/**
 * Why one model did not answer one call:
 * - `throttled`: 429; the model cools down, its breaker stays closed
 * - `down`: 5xx, time-out, reset: what opens the breaker
 * - `denied`: identity or model unknown there; an operator has to mend it
 * - `invalid`: the vendor refused the request (400)
 * - `filtered`: a content filter or guardrail of the vendor stopped question or answer
 * - `refused`: the model would not do it
 * - `schema`: no answer of the demanded form, not even after being told what was wrong
 * - `aborted`: the caller gave up
 */
export type FailureKind = 'throttled' | 'down' | 'denied' | 'invalid' | 'filtered' | 'refused' | 'schema' | 'aborted';

export interface FailureOptions {
  /** Milliseconds that the vendor asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** What the failed call took, where the vendor says so. */
  readonly usage?: Usage | undefined;
  /** The vendor may have worked (and may bill) although no answer came. */
  readonly lost?: boolean;
  readonly cause?: unknown;
}

/** One model's failure in one call; stays inside the routing. Its message never holds what was sent or answered. */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly kind: FailureKind;
  readonly retryAfterMs: number | undefined;
  readonly usage: Usage | undefined;
  readonly lost: boolean;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.usage = options.usage;
    this.lost = options.lost ?? false;
  }
}

/** The failure that an HTTP status stands for; `reason` is the vendor's own name of it. */
export function fromStatus(status: number, reason: string, options: FailureOptions = {}): ModelFailure {
  const message = `answered ${status} (${reason})`;
  if (status === 429) return new ModelFailure('throttled', message, options);
  if (status === 401 || status === 403 || status === 404) return new ModelFailure('denied', message, options);
  if (status === 408 || status >= 500) return new ModelFailure('down', message, options);
  return new ModelFailure('invalid', message, options);
}

/** `retry-after-ms`, else `retry-after` as seconds or as a date; at most an hour, `undefined` without either. */
export function retryAfterMs(header: (name: string) => string | undefined, now: number): number | undefined {
  const exact = Number(header('retry-after-ms') ?? Number.NaN);
  const text = header('retry-after');
  const seconds = Number(text ?? Number.NaN);
  const date = text === undefined ? Number.NaN : Date.parse(text);
  const ms = Number.isFinite(exact) ? exact : Number.isFinite(seconds) ? seconds * 1000 : date - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}
