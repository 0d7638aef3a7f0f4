import { INDEXES, type IndexEntries, type Item, type Json, type Version } from '../../ports/store.ts';

/**
 * A stored item. `sk` is the port's key, by which lists are ordered; `id` is the same in letters that Cosmos DB takes
 * (it forbids `/ \ ? #` in ids, and gateways have stumbled over `%`, `+` and spaces). Absent members are null, so that
 * one patch can set every member whatever was there before.
 */
export interface Stored {
  readonly id: string;
  readonly pk: string;
  readonly sk: string;
  readonly v: Json;
  /** Commit id. */
  readonly c: string;
  /** The port's opaque version. It is no `_etag`, because checking an item has to write it (see batch.ts). */
  readonly w: Version;
  /** Epoch milliseconds from which on the item counts as absent. */
  readonly x: number | null;
  /** Index entries: `toEntry(...)`. */
  readonly i1: string | null;
  readonly i2: string | null;
  readonly due: string | null;
  /** Seconds after its last write at which Cosmos DB removes the item; -1 for never. */
  readonly ttl: number;
}

/** Ids in the form that Cosmos DB's own documentation proposes for unusual keys; 512 bytes become 683. */
export const toId = (key: string): string => Buffer.from(key).toString('base64url');

/** Below every character of a sort value, so that entries are in order of sort value first, then partition, then key. */
const SEPARATOR = '\u0001';
const AFTER_SEPARATOR = '\u0002';

/**
 * The three indexes are one text each: hash, sort value and the item's place. One range of one indexed path then answers
 * `find`, in an order without ties, which a cursor needs.
 */
export const toEntry = (hash: string, sort: string, partition: string, key: string): string =>
  [hash, sort, partition, key].join(SEPARATOR);

/** The half-open interval of entries with this hash whose sort value is from `from` on and before `to`. */
export const entriesBetween = (hash: string, from: string | undefined, to: string | undefined) => ({
  from: hash + SEPARATOR + (from ?? ''),
  to: to === undefined ? hash + AFTER_SEPARATOR : hash + SEPARATOR + to,
});

/** Every entry of an item, null where it has none. */
export function toEntries(indexes: IndexEntries | undefined, partition: string, key: string) {
  const entries: Record<string, string | null> = {};
  for (const name of INDEXES) {
    const entry = indexes?.[name];
    entries[name] = entry ? toEntry(entry.hash, entry.sort, partition, key) : null;
  }
  return entries;
}

/**
 * An hour more than the item lives. Until then it can be seen and replaced although it counts as absent; when Cosmos DB
 * hides it before it has removed it, creating it again may be refused for a while.
 */
const GRACE_SECONDS = 3_600;

export const toTtl = (expiresAt: number | undefined, now: number): number =>
  expiresAt === undefined ? -1 : Math.max(1, Math.ceil((expiresAt - now) / 1_000)) + GRACE_SECONDS;

export const isAlive = (stored: Pick<Stored, 'x'>, now: number): boolean => stored.x === null || stored.x > now;

export const fromStored = ({ pk, sk, v, w, c }: Stored): Item => ({
  partition: pk,
  key: sk,
  value: v,
  version: w,
  commitId: c,
});
