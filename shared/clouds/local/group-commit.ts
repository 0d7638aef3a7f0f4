import { AppError, UnavailableError } from '../../errors.ts';
import { asDatabaseError, type Database, resultCode } from './database.ts';

export interface GroupCommit {
  /**
   * Runs `work` in a transaction that it shares with all other work of this turn of the event loop; resolves with its
   * result when that is on the disk. Work that refuses throws an `AppError` before its first write: that is its own
   * failure and undoes nothing of the others'. After any other error all is undone and each is tried again alone.
   *
   * `durable: false` is for what may be forgotten in a power cut (not in a crash of the process): no wait for the disk,
   * unless somebody else in the batch needs it.
   */
  run<T>(work: () => T, options?: { durable?: boolean }): Promise<T>;
  /** Writes what is waiting, now. */
  flush(): void;
}

interface Pending {
  readonly work: () => unknown;
  readonly durable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

const SQLITE_IOERR = 10;

/** One disk write for the commits of one turn: a hundred concurrent writers cost little more than one. */
export function groupCommit(database: Database, what: string): GroupCommit {
  const { connection } = database;
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  let pending: Pending[] = [];
  let scheduled = false;
  let synchronous = true;

  /** The outcome of each, or an error that concerns them all, after which nothing is written. */
  function transaction(batch: readonly Pending[]): Outcome[] {
    const durable = batch.some((each) => each.durable);
    if (durable !== synchronous) {
      connection.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
      synchronous = durable;
    }
    let committing = false;
    try {
      begin.run();
      const outcomes = batch.map((each): Outcome => {
        try {
          return { value: each.work() };
        } catch (error) {
          if (error instanceof AppError) return { error };
          // Anything else may have come between two writes: nobody's are kept, and each is tried again alone.
          throw error;
        }
      });
      committing = true;
      commit.run();
      return outcomes;
    } catch (error) {
      // Some errors (a full disk) roll back by themselves, https://sqlite.org/lang_transaction.html.
      if (connection.isTransaction) connection.exec('ROLLBACK');
      // When the last sync fails, the journal may hold the commit all the same and show it after the next start.
      const unknown = committing && resultCode(error) === SQLITE_IOERR;
      throw asDatabaseError(error, what, unknown ? 'unknown' : 'none');
    }
  }

  function settle(batch: readonly Pending[]): void {
    let outcomes: Outcome[];
    try {
      outcomes = transaction(batch);
    } catch (error) {
      const mayHaveTakenEffect = error instanceof UnavailableError && error.outcome === 'unknown';
      // One large commit on a full disk must not take the small ones with it.
      if (batch.length > 1 && !mayHaveTakenEffect) for (const each of batch) settle([each]);
      else for (const each of batch) each.reject(error);
      return;
    }
    batch.forEach((each, i) => {
      const outcome = outcomes[i];
      if (outcome && 'value' in outcome) each.resolve(outcome.value);
      else each.reject(outcome?.error);
    });
  }

  function flush(): void {
    scheduled = false;
    const batch = pending;
    pending = [];
    if (batch.length > 0) settle(batch);
  }

  return {
    run: <T>(work: () => T, options: { durable?: boolean } = {}) =>
      new Promise<T>((resolve, reject) => {
        // `value` is what `work` of the same entry returned.
        pending.push({ work, durable: options.durable ?? true, resolve: (value) => resolve(value as T), reject });
        if (!scheduled) setImmediate(flush);
        scheduled = true;
      }),
    flush,
  };
}
