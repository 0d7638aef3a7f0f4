import { fromCursor, toCursor } from './cursor.ts';
import { asDatabaseError, openDatabase } from './database.ts';
import { groupCommit } from './group-commit.ts';

/** What is known of one object; `content` is the name of its content file and, being new with every put, its etag. */
export interface Entry {
  readonly key: string;
  readonly content: string;
  readonly size: number;
  readonly contentType: string;
  readonly modifiedAt: number;
}

export interface ObjectIndex {
  get(key: string): Promise<Entry | undefined>;
  /** Puts the entry unless `check`, given the one that is there, throws; returns the one that was there. */
  put(entry: Entry, check: (before: Entry | undefined) => void): Promise<Entry | undefined>;
  delete(key: string): Promise<Entry | undefined>;
  list(prefix: string, limit: number, cursor: string | undefined): Promise<{ items: Entry[]; cursor?: string }>;
  /** Whether an entry names this content file. */
  has(content: string): boolean;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY, content TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, content_type TEXT NOT NULL,
    modified_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`;
const COLUMNS = 'key, content, size, content_type AS contentType, modified_at AS modifiedAt';

/** Which key has which content file, durable and shared by processes. */
export function openObjectIndex(path: string, what: string): ObjectIndex {
  const database = openDatabase(path, what, SCHEMA);
  const group = groupCommit(database, what);
  const { prepare } = database;
  const readOne = prepare(`SELECT ${COLUMNS} FROM objects WHERE key = ?`);
  const readContent = prepare('SELECT 1 FROM objects WHERE content = ?');
  const putOne = prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)');
  const deleteOne = prepare('DELETE FROM objects WHERE key = ?');
  const firstPage = prepare(`SELECT ${COLUMNS} FROM objects WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3`);
  // The unary + keeps the index for the cursor; somebody may have made the cursor up, so the prefix is looked at too.
  const nextPage = prepare(
    `SELECT ${COLUMNS} FROM objects WHERE key > ?4 AND +key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3`,
  );

  // What the statement selects, `COLUMNS`: node:sqlite cannot know.
  const entryOf = (row: unknown): Entry | undefined => row as Entry | undefined;

  async function reading<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      throw asDatabaseError(error, what, 'none');
    }
  }

  return {
    get: (key) => reading(() => entryOf(readOne.get(key))),
    put: (entry, check) =>
      group.run(() => {
        const before = entryOf(readOne.get(entry.key));
        check(before);
        putOne.run(entry.key, entry.content, entry.size, entry.contentType, entry.modifiedAt);
        return before;
      }),
    delete: (key) =>
      group.run(() => {
        const before = entryOf(readOne.get(key));
        deleteOne.run(key);
        return before;
      }),
    list: (prefix, limit, cursor) =>
      reading(() => {
        const question = ['objects', prefix];
        const after = cursor === undefined ? [] : fromCursor(cursor, question, 1);
        const statement = cursor === undefined ? firstPage : nextPage;
        const rows = statement.all(prefix, `${prefix}\u{10ffff}`, limit + 1, ...after);
        const items = rows.slice(0, limit).flatMap((row) => entryOf(row) ?? []);
        const last = items.at(-1);
        return rows.length > limit && last ? { items, cursor: toCursor(question, [last.key]) } : { items };
      }),
    has: (content) => readContent.get(content) !== undefined,
    close: () => {
      group.flush();
      database.close();
    },
  };
}
