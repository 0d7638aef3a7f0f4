import { newId } from '../domain/ids.ts';
import { AppError, ConflictError, UnavailableError } from '../errors.ts';
import type { Json } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { put, remove } from './writes.ts';

/** The mark of a request that was answered: kept in the commit that it made. */
export interface Answered {
  readonly v: 1;
  readonly body: string;
  readonly answer: Json;
}

/** What holds the key while the first request is under way; expires with its deadline. */
interface Held {
  readonly v: 1;
  readonly body: string;
  readonly token: string;
}

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Reserves an idempotency key in the partition that the request will change. Returns the first answer if there is one.
 * Throws 409 while the first is under way, 422 when the key came with another body.
 * @param key digest of principal, route and key
 * @param body digest of the body
 */
export async function reserve(
  runtime: Pick<Runtime, 'store' | 'clock'>,
  partition: string,
  key: string,
  body: string,
  holdMs: number,
): Promise<{ answer: Json } | undefined> {
  const now = runtime.clock.now();
  const held: Held = { v: 1, body, token: newId('cmt', now) };
  try {
    await runtime.store.commit(
      partition,
      [put(heldKey(key), { ...held }, 'absent', { expiresAt: now + holdMs })],
      held.token,
    );
    return undefined;
  } catch (error) {
    const lost = error instanceof UnavailableError && error.outcome === 'unknown';
    if (!(error instanceof ConflictError || lost)) throw error;
    const [first, answered] = await Promise.all([
      runtime.store.get(partition, heldKey(key)),
      runtime.store.get(partition, answeredKey(key)),
    ]);
    if (answered) return replay(answered.value as unknown as Answered, body); // written by a commit of ours under this key
    if (first?.commitId === held.token) return undefined;
    if (!first) throw new UnavailableError('The store', 'none', { cause: error });
    const holder = first.value as unknown as Held; // written above
    if (holder.body !== body) throw anotherBody();
    throw new AppError(
      'request_under_way',
      'A request with this Idempotency-Key is still under way; ask again in a moment',
      { status: 409, retryAfterSeconds: 1 },
    );
  }
}

/** Gives the key back after a request that changed nothing, so that it may be tried again at once. Best effort: it expires. */
export async function release(
  runtime: Pick<Runtime, 'store' | 'clock'>,
  partition: string,
  key: string,
): Promise<void> {
  try {
    await runtime.store.commit(partition, [remove(heldKey(key))], newId('cmt', runtime.clock.now()));
  } catch {
    // The hold runs out with the deadline of the request that failed.
  }
}

/** The first answer; throws 422 when it was given to another body. */
export function replay(answered: Answered, body: string): { answer: Json } {
  if (answered.body !== body) throw anotherBody();
  return { answer: answered.answer };
}

const anotherBody = () =>
  new AppError(
    'idempotency_key_reused',
    'This Idempotency-Key was used with another body; use a new key for a new request',
    { status: 422 },
  );

const heldKey = (key: string): string => `receipt/http-${key}/held`;
export const answeredKey = (key: string): string => `receipt/http-${key}`;
