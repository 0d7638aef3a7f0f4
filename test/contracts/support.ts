import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Clock } from '../../shared/ports/clock.ts';

/** A clock that stands still until moved; `sleep` moves it, so that an adapter's back-off costs a test no time. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** What was slept so far, in milliseconds, in order: tells whether back-off was spread and `Retry-After` obeyed. */
  readonly sleeps: readonly number[];
}

/** Starts at the present, because emulators compare some times (signatures, time to live) with their own clock. */
export function manualClock(start = Date.now()): ManualClock {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
      await pause(0);
    },
  };
}

/**
 * What can go wrong between an adapter and its service, switched on at the network's edge (a proxy, or the peer
 * itself). Every fault stays until `heal()`, unless it is given a number of times.
 */
export interface Faults {
  /** Connections are refused, or closed before a byte of the request was read. */
  refuse(): void | Promise<void>;
  /** The service does what was asked, then the connection is reset in the middle of the answer. */
  resetMidAnswer(times?: number): void | Promise<void>;
  /** The service does what was asked, and no answer ever comes: the adapter's own time-out must end the call. */
  timeoutAfterEffect(times?: number): void | Promise<void>;
  /** The next `times` calls are answered as the cloud says "too many requests" (or "busy"), and have no effect. */
  throttle(times: number, retryAfterSeconds?: number): void | Promise<void>;
  /** How many calls were throttled since the last `heal()`. */
  throttled(): number;
  /** Answers as the cloud does when the token or signature is no longer valid. Absent where there is no such answer. */
  expireCredentials?(): void | Promise<void>;
  heal(): void | Promise<void>;
}

export interface SuiteOptions {
  /** Why this adapter cannot be tried here (the name of the missing emulator): a named skip instead of the suite. */
  readonly missing?: string | undefined;
}

/** One adapter's suite; skipped by name when its emulator is missing. */
export function suite(title: string, options: SuiteOptions, body: () => void): void {
  if (options.missing) describe.skip(`${title} (skipped: ${options.missing})`, body);
  else describe(title, body);
}

/** A name that no other test of any run uses. */
export const unique = (name: string): string => `${name}-${randomUUID().slice(0, 13)}`;

/** Repeats a look at something eventually consistent until it satisfies, at most `tries` times; returns the last look. */
export async function eventually<T>(look: () => Promise<T>, satisfied: (seen: T) => boolean, tries = 60): Promise<T> {
  let seen = await look();
  for (let i = 1; i < tries && !satisfied(seen); i++) {
    await pause(Math.min(10 * i, 250));
    seen = await look();
  }
  return seen;
}

/** Follows cursors to the end; `onPage` may change things between two pages. */
export async function everyPage<T>(
  page: (cursor: string | undefined) => Promise<{ items: readonly T[]; cursor?: string }>,
  onPage: (items: readonly T[], number: number) => void | Promise<void> = () => {},
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let number = 1; number <= 10_000; number++) {
    const { items, cursor: next } = await page(cursor);
    all.push(...items);
    await onPage(items, number);
    if (next === undefined) return all;
    cursor = next;
  }
  throw new Error('The cursor never ended');
}

/** What a promise was rejected with; fails when it was resolved. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const resolved = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in resolved) return resolved.error;
  throw new Error(`Expected a rejection, got ${JSON.stringify(resolved.value)}`);
}
