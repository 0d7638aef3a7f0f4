import type { Change, Context } from '../context.ts';
import { newId } from '../domain/ids.ts';
import { AppError, ConflictError, UnavailableError } from '../errors.ts';
import type { Json, Write } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import type { Trace } from '../trace.ts';
import { inWorkspace } from './indexes.ts';
import { outboxKey, prepareEmit, prepareSend, publish } from './outbox.ts';
import { put, remove } from './writes.ts';

/** How long a mark that something was done is kept: longer than any queue keeps a message (SQS: 14 days). */
export const RECEIPT_MS = 15 * 24 * 3_600_000;
/** Marks that only serve a retry after a lost answer. */
const COMMIT_RECEIPT_MS = 3_600_000;
const RETRIES = 3;

/** One invocation as commits see it. */
export interface Unit {
  readonly workspace: string;
  readonly function: string;
  readonly trace: Trace;
  readonly signal: AbortSignal;
  /** Written by the first commit; a second unit with the same key meets it there. */
  readonly receipt?: { readonly key: string; readonly value: (answer: unknown) => Json };
  /** Partition that the first commit has to write, where the declaration names it. */
  readonly partition?: string;
  /** The outbox row that this message left; gone once the message is done. */
  readonly arrived?: { readonly partition: string; readonly key: string };
}

/** Thrown by a commit whose message or request had been done before: the pipeline ends it well. */
export class AlreadyDone extends Error {
  readonly receipt: Json;
  constructor(receipt: Json) {
    super('This was done before');
    this.receipt = receipt;
  }
}

export interface Committer {
  readonly commit: Context['commit'];
  /** Whether the outbox row of the message that arrived went with a commit. */
  readonly settled: () => boolean;
}

export function createCommitter(runtime: Runtime, unit: Unit): Committer {
  let first = true;
  let settled = false;

  async function commit<A>(name: string, change: Change<string, string, A>): Promise<A> {
    unit.signal.throwIfAborted();
    if (first && unit.partition !== undefined && name !== unit.partition)
      throw new AppError(
        'internal',
        `${unit.function} declares that it writes ${unit.partition} but commits to ${name}`,
      );
    const partition = `${unit.workspace}/${name}`;
    const now = runtime.clock.now();
    const commitId = newId('cmt', now);
    const origin = { workspace: unit.workspace, partition, source: unit.function, trace: unit.trace, now };
    const sends = (change.send ?? []).map((out) => prepareSend(out, origin));
    const emits = (change.emit ?? []).map((event) => prepareEmit(event, origin));
    const receiptKey = first && unit.receipt ? unit.receipt.key : `receipt/${commitId}`;
    const receipt =
      first && unit.receipt
        ? put(receiptKey, unit.receipt.value(change.answer), 'absent', { expiresAt: now + RECEIPT_MS })
        : put(receiptKey, null, 'absent', { expiresAt: now + COMMIT_RECEIPT_MS });
    const settles = !settled && unit.arrived?.partition === partition;
    const writes: Write[] = [
      ...(change.writes ?? []).map((write) => withWorkspace(write, unit.workspace)),
      receipt,
      ...[...sends, ...emits].map((prepared) => prepared.write),
      ...(change.cancel ?? []).map((timer) => remove(outboxKey(timer))),
    ];
    if (settles && unit.arrived) writes.push(remove(unit.arrived.key));

    await store(partition, writes, commitId, receiptKey);
    first = false;
    settled ||= settles;

    const leaving = [...sends, ...emits].filter((prepared) => prepared.leavesNow).map((prepared) => prepared.row);
    if (leaving.length > 0) await leave(partition, leaving);
    // The answer is what the caller gave; only callers that give none have an `A` of undefined.
    return change.answer as A;
  }

  /** Repeats until it is certain that this very commit took effect or not. */
  async function store(partition: string, writes: Write[], commitId: string, receiptKey: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await runtime.store.commit(partition, writes, commitId);
      } catch (error) {
        const unknown = error instanceof UnavailableError && error.outcome === 'unknown';
        const marked = error instanceof ConflictError && error.keys.includes(receiptKey);
        if (marked) {
          const mark = await runtime.store.get(partition, receiptKey);
          if (mark?.commitId === commitId) return;
          if (mark) throw new AlreadyDone(mark.value);
        }
        if (!(marked || error instanceof UnavailableError) || attempt > RETRIES) throw error;
        await runtime.clock.sleep(50 * 4 ** (attempt - 1), unit.signal);
        if (unknown && (await runtime.store.get(partition, receiptKey))?.commitId === commitId) return;
      }
    }
  }

  /** The commit stands whatever happens here: what does not leave now leaves with the sweeper. */
  async function leave(partition: string, rows: Parameters<typeof publish>[1]): Promise<void> {
    try {
      await publish(runtime, rows);
      // Consumers of queues remove the row with their own commit; events may have no consumer, so we do.
      const emitted = rows.filter((row) => row.kind === 'emit').map((row) => remove(outboxKey(row.id)));
      if (emitted.length > 0) await runtime.store.commit(partition, emitted, newId('cmt', runtime.clock.now()));
    } catch (error) {
      runtime.log.warn('Left to the sweeper: could not publish after a commit', {
        partition,
        messages: rows.length,
        error: error instanceof Error ? error : undefined,
      });
    }
  }

  return { commit, settled: () => settled };
}

const withWorkspace = (write: Write, workspace: string): Write =>
  write.kind === 'put' && write.indexes ? { ...write, indexes: inWorkspace(write.indexes, workspace) } : write;
