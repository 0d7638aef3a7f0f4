import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { asDatabaseError } from './database.ts';

const WAIT_MS = 10_000;

/**
 * Runs `work` while no other process does so under the same lock file. Waits, blocking, for at most ten seconds, then
 * throws `UnavailableError`: for short work that happens rarely. Node has no file locks of its own, SQLite has; the
 * operating system releases them when a process dies, so that no lock is ever stale.
 */
export function withFileLock<T>(path: string, what: string, work: () => T): T {
  const lock = openLock(path, what);
  try {
    return work();
  } finally {
    lock.close();
  }
}

function openLock(path: string, what: string): DatabaseSync {
  try {
    closeSync(openSync(path, 'a', 0o600));
    const lock = new DatabaseSync(path, { timeout: WAIT_MS });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    throw asDatabaseError(error, what, 'none');
  }
}
