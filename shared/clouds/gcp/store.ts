import { randomBytes } from 'node:crypto';
import { ConflictError, LimitError, UnavailableError } from '../../errors.ts';
import {
  checkCommit,
  INDEXES,
  type Item,
  type Page,
  type Range,
  STORE_LIMITS,
  type Store,
  type Write,
} from '../../ports/store.ts';
import type { Clients } from './clients.ts';
import { corpsesIn, expiredKeys, failingKeys, isOwn, isUntouched, toWrite } from './commit.ts';
import { COLLECTION, type Document, documentId, expiryOf, fromDocument } from './documents.ts';
import { type ErrorStatus, fromErrorRow, GoogleError } from './errors.ts';
import { readRows } from './json-rows.ts';
import { type Question, toPage, toQuestion } from './pages.ts';
import { refusing } from './rest.ts';

export interface StoreOptions {
  /** Firestore database; `(default)` unless given. */
  readonly database?: string;
}

/** An element of the arrays that Firestore streams. */
interface Row {
  readonly error?: ErrorStatus;
}

/** Firestore cuts indexed text at 1,500 bytes, 23 of which are the hash. */
const SORT_BYTES = 1_400;

/** What a page may hold in memory; the rest comes by the cursor. */
const PAGE_BYTES = 4_000_000;

/** Codes by which a commit is refused because a condition does not hold. */
const CONFLICTS = new Set(['FAILED_PRECONDITION', 'ALREADY_EXISTS', 'NOT_FOUND']);

/** The store on Firestore in Native mode, over REST: a commit is one request, and so is every read. */
export function createStore(clients: Clients, options: StoreOptions = {}): Store {
  const rest = clients.rest('firestore');
  const root = `projects/${clients.project}/databases/${options.database ?? '(default)'}/documents`;
  const method = (name: string) => `/v1/${root}:${name}`;
  const nameOf = (partition: string, key: string) => `${root}/${COLLECTION}/${documentId(partition, key)}`;
  const isAlive = (document: Document) => clients.clock.now() < expiryOf(document);

  async function ask<R extends Row>(name: string, body: object, deadline?: number) {
    const call = { method: 'POST', path: method(name), body, safe: true, streams: true } as const;
    return rest.read(deadline === undefined ? call : { ...call, deadline }, async ({ body }) => {
      const { rows, complete } = await readRows<R>(body, PAGE_BYTES);
      // An error may also come after rows that were fine; thrown here, it is tried again like any other.
      for (const { error } of rows) if (error) throw fromErrorRow(error);
      return { rows, complete };
    });
  }

  /** Strongly consistent; what is missing is left out. */
  async function read(names: readonly string[], fields?: readonly string[], deadline?: number) {
    const body = { documents: names, ...(fields ? { mask: { fieldPaths: fields } } : {}) };
    const { rows } = await ask<Row & { found?: Document }>('batchGet', body, deadline);
    return new Map(rows.flatMap(({ found }) => (found ? [[found.name, found] as const] : [])));
  }

  async function page(question: Question): Promise<Page<Item>> {
    if (!question.structuredQuery) return { items: [] };
    const { rows, complete } = await ask<Row & { document?: Document }>('runQuery', {
      structuredQuery: question.structuredQuery,
    });
    const documents = rows.flatMap(({ document }) => (document ? [document] : []));
    return toPage(question, documents, complete, isAlive);
  }

  async function commit(partition: string, writes: readonly Write[], commitId: string): Promise<void> {
    const json = checkCommit(partition, writes);
    checkSorts(partition, writes);
    const expired = expiredKeys(writes, clients.clock.now());
    if (expired.length > 0) throw new ConflictError(partition, expired);

    const deadline = rest.deadline();
    const names = writes.map((write) => nameOf(partition, write.key));
    const commit = { partition, commitId, mark: randomBytes(9).toString('base64url') };
    /** Update times of the expired documents that lie where a condition wants nothing. */
    let corpses: ReadonlyMap<string, string> = new Map();
    let uncertain: UnavailableError | undefined;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const body = {
          writes: writes.map((write, i) => toWrite(commit, write, names[i] ?? '', json[i] ?? '', corpses)),
        };
        await rest.json({ method: 'POST', path: method('commit'), body, safe: false, deadline });
        return;
      } catch (thrown) {
        const lost = thrown instanceof UnavailableError && thrown.outcome === 'unknown';
        const refused = thrown instanceof GoogleError && CONFLICTS.has(thrown.reason);
        // An attempt before may have taken effect, also when this one certainly did not.
        if (!lost && !refused) throw uncertain ?? thrown;
        if (lost) uncertain = thrown;
        // What was lost may still be under way; what met an expired document can go on at once.
        if (lost || attempt > 0) await rest.pause(attempt, deadline, thrown, uncertain ? 'unknown' : 'none');
      }
      // Either the answer was lost, or it does not say which condition failed: look.
      const seen = await read(names, ['m', 'x'], deadline).catch((thrown) => {
        throw uncertain ?? thrown;
      });
      if (isOwn(commit, seen)) return;
      const keys = failingKeys(writes, names, seen, isAlive);
      // Somebody may have overwritten what this very commit had written before its answer was lost.
      if (keys.length > 0 && uncertain && !isUntouched(writes, names, seen)) throw uncertain;
      if (keys.length > 0) throw new ConflictError(partition, keys);
      corpses = corpsesIn(writes, names, seen);
    }
  }

  return {
    get: (partition, key) =>
      refusing(rest.service, async () => {
        const [document] = (await read([nameOf(partition, key)])).values();
        return document && isAlive(document) ? fromDocument(document) : undefined;
      }),
    list: (partition, range = {}) =>
      refusing(rest.service, async () => page(toQuestion('k', partition, limited(range), root))),
    find: (index, hash, range = {}) =>
      refusing(rest.service, async () => page(toQuestion(index, hash, limited(range), root))),
    commit: (partition, writes, commitId) => refusing(rest.service, () => commit(partition, writes, commitId)),
    close: async () => clients.close(),
  };
}

const limited = (range: Range): Range & { readonly limit: number } => ({
  ...range,
  limit: Math.max(1, Math.min(range.limit ?? 100, STORE_LIMITS.page)),
});

function checkSorts(partition: string, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.kind !== 'put' || !write.indexes) continue;
    for (const index of INDEXES) {
      const size = Buffer.byteLength(write.indexes[index]?.sort ?? '');
      if (size > SORT_BYTES)
        throw new LimitError(
          `${partition} ${write.key} sorts by ${size} bytes in ${index}; ${SORT_BYTES} are the limit`,
        );
    }
  }
}
