import { LimitError } from '../errors.ts';

/** Opaque token of one stored state of one item; only good for comparing. Counters are data, not versions. */
export type Version = string & { readonly __version: unique symbol };

/** Limits that every cloud's store can keep (DynamoDB, Cosmos DB and Firestore's narrowest). */
export const STORE_LIMITS = {
  writes: 100,
  commitBytes: 2_000_000,
  itemBytes: 380_000,
  keyBytes: 512,
  page: 1_000,
} as const;

/**
 * The secondary indexes of the one table, each an equality on `hash` and an order on `sort`. They are eventually
 * consistent. An item carries at most one entry for each of the three; `hash` begins with the name of the use
 * (`ticket-state#ws#open`), so that one physical index serves many of them.
 */
export const INDEXES = ['i1', 'i2', 'due'] as const;
export type IndexName = (typeof INDEXES)[number];
export interface IndexEntry {
  readonly hash: string;
  readonly sort: string;
}
export type IndexEntries = { readonly [N in IndexName]?: IndexEntry };

/** Plain JSON: what survives `JSON.stringify` and back unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface Item<T = Json> {
  readonly partition: string;
  readonly key: string;
  readonly value: T;
  readonly version: Version;
  /** Id of the commit that wrote this state; lets a retry after a lost answer find its own write. */
  readonly commitId: string;
}

/** `absent` includes expired; a version must be the one that was read; `any` overwrites without looking. */
export type Condition = 'absent' | 'any' | Version;

export type Write =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: Json;
      readonly if: Condition;
      readonly indexes?: IndexEntries;
      /** Epoch milliseconds from which on the item is never returned again. Deletion by the cloud comes later. */
      readonly expiresAt?: number;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly if: Exclude<Condition, 'absent'> }
  /** Writes nothing: the whole commit fails unless the condition holds. */
  | { readonly kind: 'check'; readonly key: string; readonly if: Exclude<Condition, 'any'> };

/** Order is that of UTF-8 bytes (code points). Keys begin with `prefix` (if given), `from` is inclusive, `to` exclusive. */
export interface Range {
  readonly prefix?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reverse?: boolean;
  /** At most `STORE_LIMITS.page` (the default is 100). A page may be shorter although more follow: go by `cursor`. */
  readonly limit?: number;
  /** As returned by the page before; belongs to exactly that question. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Present when more may follow. */
  readonly cursor?: string;
}

/**
 * Transactional state: items with a sort key inside a partition. It promises what DynamoDB, Cosmos DB, Firestore and
 * SQLite can all promise, and no more. Every method throws `UnavailableError` when the store cannot be reached, after
 * retrying throttling with jitter for some seconds.
 */
export interface Store {
  /** Strongly consistent. */
  get(partition: string, key: string): Promise<Item | undefined>;
  /** One partition in order of key; strongly consistent. */
  list(partition: string, range?: Range): Promise<Page<Item>>;
  /** One hash of a named index in order of its sort value; eventually consistent. Throws on a foreign cursor. */
  find(index: IndexName, hash: string, range?: Range): Promise<Page<Item>>;
  /**
   * All or nothing in one partition, each key at most once. Throws `ConflictError` with the keys whose conditions
   * failed, `LimitError` before the cloud would refuse, and `UnavailableError` whose `outcome` says whether the commit
   * may have taken effect.
   */
  commit(partition: string, writes: readonly Write[], commitId: string): Promise<void>;
  close?(): Promise<void>;
}

const encoder = new TextEncoder();
const bytes = (text: string): number => encoder.encode(text).length;

/**
 * Refuses what some cloud would refuse, before any request is made, and returns each put's JSON in order of the writes
 * (`undefined` for the others), so that an adapter does not serialise twice.
 */
export function checkCommit(partition: string, writes: readonly Write[]): (string | undefined)[] {
  if (writes.length === 0) throw new LimitError(`A commit to ${partition} needs at least one write`);
  if (writes.length > STORE_LIMITS.writes)
    throw new LimitError(`A commit to ${partition} has ${writes.length} writes; ${STORE_LIMITS.writes} are the limit`);
  checkKey(partition);
  const seen = new Set<string>();
  let total = 0;
  return writes.map((write) => {
    checkKey(write.key);
    if (seen.has(write.key)) throw new LimitError(`A commit to ${partition} writes ${write.key} twice`);
    seen.add(write.key);
    if (write.kind !== 'put') return undefined;
    const json = JSON.stringify(write.value);
    // Counting bytes exactly is only needed where characters alone don't settle it (one is at most three bytes).
    const size = json.length * 3 <= STORE_LIMITS.itemBytes ? json.length : bytes(json);
    if (size > STORE_LIMITS.itemBytes)
      throw new LimitError(`${partition} ${write.key} has ${size} bytes; ${STORE_LIMITS.itemBytes} are the limit`);
    total += size;
    if (total > STORE_LIMITS.commitBytes)
      throw new LimitError(`A commit to ${partition} has more than ${STORE_LIMITS.commitBytes} bytes`);
    return json;
  });
}

function checkKey(key: string): void {
  if (!key.isWellFormed())
    throw new LimitError('A key must be well-formed Unicode; this one has half a surrogate pair');
  if (
    key.length === 0 ||
    key.length > STORE_LIMITS.keyBytes ||
    (key.length * 3 > STORE_LIMITS.keyBytes && bytes(key) > STORE_LIMITS.keyBytes)
  )
    throw new LimitError(
      `A key must have 1 to ${STORE_LIMITS.keyBytes} bytes; this one has ${bytes(key)}: ${key.slice(0, 40)}`,
    );
}

/** Compares as every store does: by UTF-8 bytes, which JavaScript's own order is not beyond the basic plane. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The bounds of a range as one half-open interval; `undefined` means unbounded. */
export function boundsOf({ prefix, from, to }: Range): { from: string | undefined; to: string | undefined } {
  if (prefix === undefined) return { from, to };
  const end = `${prefix}\u{10ffff}`;
  return {
    from: from !== undefined && byBytes(from, prefix) > 0 ? from : prefix,
    to: to !== undefined && byBytes(to, end) < 0 ? to : end,
  };
}
