import { randomBytes } from 'node:crypto';
import { ConflictError, LimitError } from '../../errors.ts';
import { checkCommit, type IndexName, type Item, type Page, type Range, type Store } from '../../ports/store.ts';
import { type Commit, failedKeys, type Known, type Seen, toBatch } from './batch.ts';
import { bearer, type ClientOptions, createClient } from './clients.ts';
import { toCursor } from './cursor.ts';
import { createDocuments } from './documents.ts';
import { Fault } from './errors.ts';
import { fromStored, isAlive, type Stored } from './items.ts';
import { masterKey } from './master-key.ts';
import { type Question, toFindQuestion, toListQuestion, toLookQuery } from './query.ts';

export interface StoreOptions extends ClientOptions {
  /** Of the Cosmos DB account: `https://name.documents.azure.com`. */
  readonly endpoint: string;
  readonly database: string;
  /** Name of the container that `containerDefinition` describes. */
  readonly container: string;
  /** An account key; the function app's own identity unless given. */
  readonly key?: string;
}

const WHAT = 'The store';

/** The store in one Cosmos DB container. Order is that of UTF-8 bytes, which is by code point. */
export function createStore(options: StoreOptions): Store {
  const credential = options.key
    ? masterKey(options.key)
    : bearer('https://cosmos.azure.com', options, (token) => encodeURIComponent(`type=aad&ver=1.0&sig=${token}`));
  const client = createClient(WHAT, credential, options);
  const documents = createDocuments(client, options.endpoint, options.database, options.container);
  const { clock, retrying } = client;
  let keyRanges: readonly string[] | undefined;

  async function list(partition: string, range: Range = {}): Promise<Page<Item>> {
    const question = toListQuestion(partition, range, clock.now());
    return retrying({ operation: 'list' }, async () => {
      const { documents: found, more } = await documents.query<Stored>(question.sql, { partition }, question.limit);
      return toPage(question, found, more ? found.at(-1)?.sk : undefined);
    });
  }

  async function find(index: IndexName, hash: string, range: Range = {}): Promise<Page<Item>> {
    const question = toFindQuestion(index, hash, range, clock.now());
    return retrying({ operation: 'find' }, async () => {
      keyRanges ??= await documents.keyRanges();
      try {
        const parts = await Promise.all(
          keyRanges.map((keyRange) => documents.query<Stored>(question.sql, { keyRange }, question.limit)),
        );
        const { found, next } = merge(index, question, parts);
        return toPage(question, found, next);
      } catch (error) {
        // 410: the partition was split. Whatever went wrong, asking where the partitions are is one cheap request.
        keyRanges = undefined;
        throw error;
      }
    });
  }

  /**
   * One request when every guess holds. A conflict costs a second one, which tells which conditions really failed: the
   * batch names only the first, and expired items that are still there make it fail for no reason.
   */
  async function commit(partition: string, writes: Commit['writes'], commitId: string): Promise<void> {
    const values = checkCommit(partition, writes);
    const version = randomBytes(12).toString('base64url');
    const attempt: Commit = { partition, writes, values, commitId, version, now: clock.now() };
    // When an answer is lost, sending again is safe only if the first one's effect makes the second one fail; that
    // failure then leads to the first one's own version.
    const repeatable = writes.some((write) => write.kind === 'put' && write.if !== 'any');
    let known: Known | undefined;
    await retrying({ operation: 'commit', repeatable }, async () => {
      switch (await documents.batch(partition, toBatch(attempt, known))) {
        case 'written':
          return;
        case 'too large':
          throw new LimitError(`A commit to ${partition} is larger than Cosmos DB takes`);
        case 'conflict': {
          known = await look(partition, writes);
          if (isOurs(known, version)) return;
          const failed = failedKeys(attempt, known);
          if (failed.length > 0) throw new ConflictError(partition, failed);
          throw new Fault('busy', 'conflict');
        }
      }
    });
  }

  async function look(partition: string, writes: Commit['writes']): Promise<Known> {
    const keys = writes.map((write) => write.key);
    const known = new Map<string, Seen>();
    // The port's limit on writes keeps this to one page; a pause of the query would split it.
    for (let missing = keys; missing.length > 0; missing = keys.filter((key) => !known.has(key))) {
      const { documents: found, more } = await documents.query<Seen>(toLookQuery(missing), { partition }, keys.length);
      for (const seen of found) known.set(seen.sk, seen);
      if (!more) break;
    }
    return known;
  }

  return {
    get: async (partition, key) =>
      retrying({ operation: 'get' }, async () => {
        // The cast trusts our own container: nobody else writes to it.
        const stored = (await documents.read(partition, key)) as Stored | undefined;
        return stored && isAlive(stored, clock.now()) ? fromStored(stored) : undefined;
      }),
    list,
    find,
    commit,
    close: client.close,
  };
}

const isOurs = (known: Known, version: string): boolean => [...known.values()].some(({ w }) => w === version);

function toPage(question: Question, found: readonly Stored[], next: string | undefined): Page<Item> {
  const items = found.map(fromStored);
  return next === undefined ? { items } : { items, cursor: toCursor(question.identity, next) };
}

interface Part {
  readonly documents: readonly Stored[];
  readonly more: boolean;
}

/**
 * One page of the answers of several key ranges, each in order. Behind the last item of a part that has more, another
 * part's items are not yet known to be next, so the page ends there.
 */
function merge(index: IndexName, { limit, reverse }: Question, parts: readonly Part[]) {
  const positionOf = (stored: Stored): string => stored[index] ?? '';
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b)) * (reverse ? -1 : 1);
  const ends = parts.flatMap(({ documents, more }) => (more ? documents.slice(-1).map(positionOf) : []));
  const horizon = ends.sort(compare)[0];
  const known = parts
    .flatMap(({ documents }) => documents)
    .filter((stored) => horizon === undefined || compare(positionOf(stored), horizon) <= 0)
    .sort((a, b) => compare(positionOf(a), positionOf(b)));
  const found = known.slice(0, limit);
  const last = found.at(-1);
  const more = horizon !== undefined || known.length > limit;
  return { found, next: more && last ? positionOf(last) : undefined };
}
