import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AppError, UnavailableError } from '../../errors.ts';

export interface DatabaseOptions {
  /** Refuse to grow beyond this, as a full disk would. */
  readonly maxBytes?: number;
}

export interface Database {
  readonly connection: DatabaseSync;
  /** Compiles once for each text. */
  prepare(sql: string): StatementSync;
  close(): void;
}

/** How long a statement waits for another process's transaction, in milliseconds; the event loop waits with it. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens (or creates, readable by its owner only) an SQLite file in WAL mode, which several processes may use at once.
 * `schema` must be harmless when it is there already.
 */
export function openDatabase(path: string, what: string, schema: string, options: DatabaseOptions = {}): Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // SQLite gives its journal files the mode of the file itself.
    closeSync(openSync(path, 'a', 0o600));
    const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000');
    if (options.maxBytes !== undefined) limitSize(connection, options.maxBytes);
    connection.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`);
    const statements = new Map<string, StatementSync>();
    return {
      connection,
      prepare: (sql) => {
        const known = statements.get(sql);
        if (known) return known;
        const statement = connection.prepare(sql);
        statements.set(sql, statement);
        return statement;
      },
      close: () => connection.close(),
    };
  } catch (error) {
    throw asDatabaseError(error, what, 'none');
  }
}

function limitSize(connection: DatabaseSync, maxBytes: number): void {
  const pageSize = Number(connection.prepare('PRAGMA page_size').get()?.['page_size']);
  connection.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}

/** The primary result code, https://sqlite.org/rescode.html; `undefined` for what SQLite did not throw. */
export function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Trouble that passes: somebody frees the disk, the lock or the memory. */
const UNAVAILABLE: Readonly<Record<number, string>> = {
  5: 'locked by another process',
  6: 'locked',
  7: 'out of memory',
  8: 'read-only',
  10: 'its disk fails',
  13: 'its disk is full',
  14: 'its file cannot be opened',
  15: 'locked by another process',
};
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** SQLite's errors in our words; any other error as it is. Paths stay in `cause`, which nobody outside sees. */
export function asDatabaseError(error: unknown, what: string, outcome: 'none' | 'unknown'): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const reason = UNAVAILABLE[code];
  if (reason) return new UnavailableError(`${what} (${reason})`, outcome, { cause: error });
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB)
    return new AppError('damaged', `${what} is damaged; restore it from a backup`, { cause: error, retryable: false });
  return new AppError('internal', `${what} failed: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  });
}
