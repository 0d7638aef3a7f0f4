import { createHash } from 'node:crypto';
import type { IndexEntries, IndexName, Item, Json, Version } from '../../ports/store.ts';

/** The one collection that holds every item. */
export const COLLECTION = 'items';

/** A Firestore document as REST shows it: https://cloud.google.com/firestore/docs/reference/rest/v1/Value */
export interface Document {
  readonly name: string;
  readonly fields?: Readonly<Record<string, { readonly stringValue?: string; readonly timestampValue?: string }>>;
  readonly updateTime: string;
}

/**
 * The fields of a document. `k` and the three indexes are the only ones that Firestore may index; each joins what is
 * asked for by equality (hashed, so that no two partitions lie side by side and make a hot spot) with what orders it.
 * One range on one string then answers every question, in both directions, without any composite index. Firestore orders
 * text by its UTF-8 bytes, as the port does.
 */
export type IndexField = 'k' | IndexName;
const VERSION = '1';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Id of the document of one key: 160 bits of a hash, because ids that rise with time make one tablet hot. */
export const documentId = (partition: string, key: string): string =>
  digest(`${partition.length}:${partition}${key}`).toString('hex').slice(0, 40);

/** What the values of one partition, or of one hash of an index, begin with. */
export const bucketOf = (hash: string): string => `${digest(hash).toString('base64url').slice(0, 22)}/`;

export const toIndexed = (hash: string, sort: string): string => bucketOf(hash) + sort;

export interface ItemState {
  readonly partition: string;
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  readonly commitId: string;
  /** New with each commit: Firestore raises the update time of a document only when something in it changes. */
  readonly mark: string;
  readonly indexes?: IndexEntries | undefined;
  readonly expiresAt?: number | undefined;
}

/** A whole document, without its name. */
export function toFields(item: ItemState): Document['fields'] {
  const indexes = Object.entries(item.indexes ?? {}).map(([name, { hash, sort }]) => [
    name,
    { stringValue: toIndexed(hash, sort) },
  ]);
  return {
    k: { stringValue: toIndexed(item.partition, item.key) },
    pk: { stringValue: item.partition },
    sk: { stringValue: item.key },
    v: { stringValue: item.value },
    f: { stringValue: VERSION },
    c: { stringValue: item.commitId },
    m: { stringValue: item.mark },
    ...(item.expiresAt === undefined ? {} : { x: { timestampValue: toTimestamp(item.expiresAt) } }),
    ...Object.fromEntries(indexes),
  };
}

export function fromDocument(document: Document): Item {
  const field = (name: string) => document.fields?.[name]?.stringValue ?? '';
  return {
    partition: field('pk'),
    key: field('sk'),
    value: JSON.parse(field('v')) as Json, // the text was made by JSON.stringify of such a value
    version: toVersion(document),
    commitId: field('c'),
  };
}

/** Firestore keeps years 1 to 9999 and microseconds. */
const LAST_MS = Date.UTC(9999, 11, 31);
const toTimestamp = (ms: number): string => new Date(Math.max(0, Math.min(Math.floor(ms), LAST_MS))).toISOString();

/** Epoch milliseconds from which on the document counts as absent. */
export function expiryOf(document: Document): number {
  const text = document.fields?.['x']?.timestampValue;
  return text ? Date.parse(text) : Number.POSITIVE_INFINITY;
}

/**
 * The update time, which Firestore raises with each change, and the expiry: whoever holds the version of an item that
 * has expired meanwhile is told so without asking, although the document may still lie there unchanged.
 */
export function toVersion(document: Document): Version {
  const expiry = expiryOf(document);
  // The one place where versions of this store are made; the brand keeps others from making them.
  return (Number.isFinite(expiry) ? `${document.updateTime}~${expiry}` : document.updateTime) as Version;
}

export function fromVersion(version: Version): { updateTime: string; expiresAt: number } {
  const [updateTime = '', expiry] = version.split('~');
  return { updateTime, expiresAt: expiry === undefined ? Number.POSITIVE_INFINITY : Number(expiry) };
}

/**
 * Index settings in the form of `firestore.indexes.json`: everything is exempt but the four fields that are asked for,
 * and `x` is Firestore's time-to-live.
 */
export const indexDefinition = {
  indexes: [],
  fieldOverrides: [
    ...(['k', 'i1', 'i2', 'due'] satisfies IndexField[]).map((fieldPath) => ({
      collectionGroup: COLLECTION,
      fieldPath,
      ttl: false,
      indexes: (['ASCENDING', 'DESCENDING'] as const).map((order) => ({ order, queryScope: 'COLLECTION' as const })),
    })),
    { collectionGroup: COLLECTION, fieldPath: 'x', ttl: true, indexes: [] },
    { collectionGroup: COLLECTION, fieldPath: '*', ttl: false, indexes: [] },
  ],
} as const;
