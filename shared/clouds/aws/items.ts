import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { LimitError } from '../../errors.ts';
import { type Condition, INDEXES, type IndexEntries, type Item, type Version, type Write } from '../../ports/store.ts';
import { hashOf, sortOf } from './table.ts';

/** An item as DynamoDB keeps it; `table.ts` names its attributes. */
export type Stored = Record<string, AttributeValue>;

/** What all writes of one commit have in common. */
export interface Commit {
  readonly table: string;
  readonly partition: string;
  readonly commitId: string;
  /** The version of everything this commit puts: drawn anew for each, so that it tells our own write from others. */
  readonly revision: string;
  /** Epoch milliseconds that decide what has expired. */
  readonly now: number;
}

/** Bytes of an index's hash and sort: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const HASH_BYTES = 2_048;
const SORT_BYTES = 1_024;

export const textOf = (stored: Stored | undefined, name: string): string => stored?.[name]?.S ?? '';

export function fromStored(stored: Stored): Item {
  return {
    partition: textOf(stored, 'pk'),
    key: textOf(stored, 'sk'),
    value: JSON.parse(textOf(stored, 'v')),
    // The brand has no form at run time: this is where a revision becomes a version.
    version: textOf(stored, 'r') as Version,
    commitId: textOf(stored, 'c'),
  };
}

/** DynamoDB deletes expired items within days, so that every read has to look for itself. */
export const isAlive = (stored: Stored, now: number): boolean => !(Number(stored['xm']?.N) <= now);

/** One write as part of `TransactWriteItems`; `json` is the value of a put. */
export function toTransactItem(commit: Commit, write: Write, json: string | undefined): TransactWriteItem {
  const { table: TableName, partition, now } = commit;
  checkText(write.key);
  const Key = { pk: { S: partition }, sk: { S: write.key } };
  const condition = toCondition(write.if, now);
  if (write.kind === 'delete') return { Delete: { TableName, Key, ...condition } };
  if (write.kind === 'check')
    return { ConditionCheck: { TableName, Key, ConditionExpression: undefined, ...condition } };
  const { expiresAt, indexes = {} } = write;
  const Item: Stored = {
    ...Key,
    v: { S: json ?? 'null' },
    r: { S: commit.revision },
    c: { S: commit.commitId },
    ...(expiresAt === undefined ? {} : toExpiry(expiresAt)),
    ...toIndexAttributes(indexes),
  };
  return { Put: { TableName, Item, ...condition } };
}

/** "Absent" includes expired, and the version of something expired is nobody's version any more. */
function toCondition(condition: Condition, now: number) {
  if (condition === 'any') return {};
  const at = { ':now': { N: String(now) } };
  if (condition === 'absent')
    return { ConditionExpression: 'attribute_not_exists(pk) OR xm <= :now', ExpressionAttributeValues: at };
  return {
    ConditionExpression: 'r = :version AND (attribute_not_exists(xm) OR xm > :now)',
    ExpressionAttributeValues: { ...at, ':version': { S: condition } },
  };
}

const toExpiry = (expiresAt: number): Stored => ({
  x: { N: String(Math.ceil(expiresAt / 1_000)) },
  xm: { N: String(expiresAt) },
});

function toIndexAttributes(indexes: IndexEntries): Stored {
  const attributes: Stored = {};
  for (const index of INDEXES) {
    const entry = indexes[index];
    if (!entry) continue;
    checkText(entry.hash, HASH_BYTES);
    checkText(entry.sort, SORT_BYTES);
    attributes[hashOf(index)] = { S: entry.hash };
    attributes[sortOf(index)] = { S: entry.sort };
  }
  return attributes;
}

/** Refuses half surrogate pairs, which would all become U+FFFD, and keys and index entries that DynamoDB refuses. */
export function checkText(text: string, limit = SORT_BYTES): void {
  if (!text.isWellFormed())
    throw new LimitError('A key or index entry must be well-formed Unicode; this one has half a surrogate pair');
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > limit)
    throw new LimitError(`A key or index entry must have 1 to ${limit} bytes; this one has ${bytes}`);
}
