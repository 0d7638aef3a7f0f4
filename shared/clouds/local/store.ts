import { ConflictError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  boundsOf,
  checkCommit,
  INDEXES,
  type Item,
  type Page,
  type Range,
  STORE_LIMITS,
  type Store,
  type Version,
  type Write,
} from '../../ports/store.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { asDatabaseError, type DatabaseOptions, openDatabase } from './database.ts';
import { groupCommit } from './group-commit.ts';

const WHAT = 'The store';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (
    partition TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL, commit_id TEXT NOT NULL,
    expires INTEGER, ${INDEXES.map((index) => `${index}_hash TEXT, ${index}_sort TEXT`).join(', ')},
    PRIMARY KEY (partition, key)
  ) STRICT, WITHOUT ROWID;
  ${INDEXES.map((index) => `CREATE INDEX IF NOT EXISTS items_${index} ON items (${index}_hash, ${index}_sort, partition, key) WHERE ${index}_hash IS NOT NULL;`).join('\n')}
  CREATE INDEX IF NOT EXISTS items_expires ON items (expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO sequence VALUES (1, 0)`;

const COLUMNS = 'partition, key, value, version, commit_id';
const ALIVE = '(expires IS NULL OR expires > ?)';
const PUT = `INSERT OR REPLACE INTO items VALUES (${Array(6 + 2 * INDEXES.length)
  .fill('?')
  .join(', ')})`;

/** Above every text: SQLite orders blobs after texts. */
const NO_END = new Uint8Array(0);
/** A page ends early here, so that a thousand large items are never in memory together. Characters of JSON. */
const PAGE_CHARACTERS = 4_000_000;
const PURGE_EVERY_MS = 30_000;
const PURGE_AT_MOST = 500;

/** A row of `COLUMNS`. */
interface Row {
  readonly partition: string;
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly commit_id: string;
}

/**
 * The store on one SQLite file, for one machine; several processes may open it. Every acknowledged commit is on the
 * disk (WAL, synchronous FULL); the commits of one turn of the event loop share one write. A full or failing disk and
 * a lock that is not released in five seconds throw `UnavailableError`.
 */
export function openStore(path: string, clock: Clock, options: DatabaseOptions = {}): Store {
  const database = openDatabase(path, WHAT, SCHEMA, options);
  const group = groupCommit(database, WHAT);
  const { prepare } = database;
  const readOne = prepare(`SELECT ${COLUMNS} FROM items WHERE partition = ? AND key = ? AND ${ALIVE}`);
  const readVersion = prepare(`SELECT version FROM items WHERE partition = ? AND key = ? AND ${ALIVE}`);
  const nextVersion = prepare('UPDATE sequence SET last = last + 1 RETURNING last');
  const putOne = prepare(PUT);
  const deleteOne = prepare('DELETE FROM items WHERE partition = ? AND key = ?');
  const purge = prepare(`DELETE FROM items WHERE (partition, key) IN
    (SELECT partition, key FROM items WHERE expires <= ? ORDER BY expires LIMIT ${PURGE_AT_MOST})`);
  let purgeAt = clock.now();

  function holds(partition: string, write: Write, now: number): boolean {
    if (write.if === 'any') return true;
    const row = readVersion.get(partition, write.key, now);
    return write.if === 'absent' ? row === undefined : row !== undefined && String(row['version']) === write.if;
  }

  function apply(
    partition: string,
    writes: readonly Write[],
    json: readonly (string | undefined)[],
    commitId: string,
  ): void {
    const now = clock.now();
    const failed = writes.filter((write) => !holds(partition, write, now));
    if (failed.length > 0)
      throw new ConflictError(
        partition,
        failed.map((write) => write.key),
      );
    if (writes.every((write) => write.kind === 'check')) return;
    // One number for the whole commit: it writes each key once, and no number ever comes back.
    const version = Number(nextVersion.get()?.['last']);
    writes.forEach((write, i) => {
      if (write.kind === 'delete') deleteOne.run(partition, write.key);
      if (write.kind !== 'put') return;
      const expires = write.expiresAt === undefined ? null : Math.ceil(write.expiresAt);
      const entries = INDEXES.flatMap((index) => [
        write.indexes?.[index]?.hash ?? null,
        write.indexes?.[index]?.sort ?? null,
      ]);
      putOne.run(partition, write.key, json[i] ?? 'null', version, commitId, expires, ...entries);
    });
  }

  /** In passing, a few at a time; expired items are not seen by anyone, so nothing waits for it. */
  function purgeSometimes(): void {
    const now = clock.now();
    if (now < purgeAt) return;
    purgeAt = now + PURGE_EVERY_MS;
    const purged = group.run(() => Number(purge.run(now).changes), { durable: false });
    purged.then(
      (count) => {
        if (count === PURGE_AT_MOST) purgeAt = 0;
      },
      // The next commit meets the same trouble and reports it.
      () => {},
    );
  }

  /** Rows of an index (or the table itself) from a position on; `order` is the columns that make a position. */
  function page(
    where: string,
    of: string,
    order: readonly string[],
    range: Range,
    question: readonly unknown[],
  ): Page<Item> {
    const { from, to } = boundsOf(range);
    const limit = Math.max(1, Math.min(range.limit ?? 100, STORE_LIMITS.page));
    const asked = [...question, range.prefix, range.from, range.to, range.reverse ?? false];
    const position = range.cursor === undefined ? [] : fromCursor(range.cursor, asked, order.length);
    const [sort] = order;
    // After a cursor the bound behind it is still looked at (somebody may have made the cursor up), but without the
    // index (unary +): the search begins at the cursor.
    const after = range.reverse ? '<' : '>';
    const start =
      position.length === 0 ? '' : `AND (${order.join(', ')}) ${after} (${order.map(() => '?').join(', ')})`;
    const [plusFrom, plusTo] = position.length === 0 ? ['', ''] : range.reverse ? ['', '+'] : ['+', ''];
    const direction = range.reverse ? 'DESC' : 'ASC';
    const statement = prepare(`SELECT ${COLUMNS}, ${sort} AS sort FROM items WHERE ${where} = ? ${start}
      AND ${plusFrom}${sort} >= ? AND ${plusTo}${sort} < ? AND ${ALIVE}
      ORDER BY ${order.map((column) => `${column} ${direction}`).join(', ')} LIMIT ?`);
    const items: Item[] = [];
    let characters = 0;
    let last: string[] | undefined;
    for (const raw of statement.iterate(of, ...position, from ?? '', to ?? NO_END, clock.now(), limit + 1)) {
      // What the statement selects: node:sqlite cannot know.
      const row = raw as unknown as Row & { readonly sort: string };
      if (last && (items.length === limit || characters > PAGE_CHARACTERS))
        return { items, cursor: toCursor(asked, last) };
      items.push(toItem(row));
      characters += row.value.length;
      last = order.length === 1 ? [row.key] : [row.sort, row.partition, row.key];
    }
    return { items };
  }

  /** Reads are synchronous underneath; what they throw still comes as a rejection. */
  async function reading<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      throw asDatabaseError(error, WHAT, 'none');
    }
  }

  return {
    get: (partition, key) =>
      reading(() => {
        const row = readOne.get(partition, key, clock.now());
        // What the statement selects: node:sqlite cannot know.
        return row && toItem(row as unknown as Row);
      }),
    list: (partition, range = {}) => reading(() => page('partition', partition, ['key'], range, ['list', partition])),
    find: (index, hash, range = {}) =>
      reading(() => page(`${index}_hash`, hash, [`${index}_sort`, 'partition', 'key'], range, ['find', index, hash])),
    commit: async (partition, writes, commitId) => {
      const json = checkCommit(partition, writes);
      const committed = group.run(() => apply(partition, writes, json, commitId));
      purgeSometimes();
      return committed;
    },
    close: async () => {
      group.flush();
      database.close();
    },
  };
}

const toItem = (row: Row): Item => ({
  partition: row.partition,
  key: row.key,
  value: JSON.parse(row.value),
  // The only place where a number of the sequence becomes the opaque token.
  version: String(row.version) as Version,
  commitId: row.commit_id,
});
