import { UnavailableError } from '../../errors.ts';
import type { Retrying } from './retry.ts';

/** An entry that the service did not take. */
export interface Refusal {
  readonly index: number;
  readonly code: string;
  /** The entry itself is to blame: it will never be taken. */
  readonly final: boolean;
}

export interface Batches<T> {
  readonly what: string;
  readonly operation: string;
  readonly retrying: Retrying;
  /** Batches under way at the same time. */
  readonly parallel: number;
  readonly batches: readonly (readonly T[])[];
  /** One request; returns what was not taken. */
  readonly send: (batch: readonly T[], ms: number) => Promise<readonly Refusal[]>;
}

/** Sends every batch; of one that was taken in part, the rest alone goes again. */
export async function sendBatches<T>({
  what,
  operation,
  retrying,
  parallel,
  batches,
  send,
}: Batches<T>): Promise<void> {
  let taken = 0;
  try {
    await inParallel(batches, parallel, async (batch) => {
      let waiting = batch;
      await retrying({ operation }, async ({ ms }) => {
        const refusals = await send(waiting, ms);
        taken += waiting.length - refusals.length;
        waiting = refusals.flatMap(({ index }) => waiting[index] ?? []);
        const worst = refusals.find(({ final }) => final) ?? refusals[0];
        if (worst) throw toError(worst);
      });
    });
  } catch (error) {
    // "None" was true of the batch that failed; it is not of the call when entries went through.
    if (taken > 0 && error instanceof UnavailableError) throw new UnavailableError(what, 'unknown', { cause: error });
    throw error;
  }
}

/** Packs items, in order, into as few batches as a limit of count and a limit of bytes together allow. */
export function toBatches<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  limits: { readonly count: number; readonly bytes: number },
): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let size = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    if (batch.length === limits.count || (batch.length > 0 && size + bytes > limits.bytes)) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

/**
 * Runs `work` on every item, at most `width` at a time. Begins nothing more after a failure, waits for what is under
 * way, and throws the first failure.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = await iterator.next();
      if (next.done) return;
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: width }, () => worker().catch((error: unknown) => failures.push(error))));
  if (failures.length > 0) throw failures[0];
}

/** An entry's refusal as the error that a whole request would have got. */
const toError = ({ code, final }: Refusal): Error =>
  Object.assign(new Error(code), { name: code, $metadata: { httpStatusCode: final ? 400 : 503 } });
