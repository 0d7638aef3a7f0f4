import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { boundsOf, type Range, STORE_LIMITS } from '../../ports/store.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { checkText, HASH_BYTES, type Stored, textOf } from './items.ts';

/** A listing: of one partition of the table (`index` undefined), or of one hash of an index. */
export interface Question {
  readonly index: string | undefined;
  /** Names of the attributes that are equal and ordered. */
  readonly hashName: string;
  readonly sortName: string;
  readonly hash: string;
  readonly range: Range;
}

type Bounds = ReturnType<typeof boundsOf>;

const DEFAULT_LIMIT = 100;

/** The request for one page; `undefined` when the range is empty. Throws a 400 on a cursor of another question. */
export function toQuery(table: string, question: Question): QueryCommandInput | undefined {
  const { index, hashName, hash, range } = question;
  checkText(hash, HASH_BYTES);
  const start = range.cursor === undefined ? {} : { ExclusiveStartKey: toStartKey(question, range.cursor) };
  const bounds = boundsOf(range);
  if (bounds.to !== undefined && Buffer.compare(Buffer.from(bounds.from ?? ''), Buffer.from(bounds.to)) >= 0)
    return undefined;
  return {
    TableName: table,
    // Only the table itself can be read consistently.
    ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
    KeyConditionExpression: `${hashName} = :hash${toSortCondition(question.sortName, bounds)}`,
    ExpressionAttributeValues: {
      ':hash': { S: hash },
      ...(bounds.from ? { ':from': { S: bounds.from } } : {}),
      ...(bounds.to === undefined ? {} : { ':to': { S: bounds.to } }),
    },
    ScanIndexForward: !range.reverse,
    Limit: Math.min(range.limit ?? DEFAULT_LIMIT, STORE_LIMITS.page),
    ...start,
  };
}

/** `BETWEEN` includes its end, and no filter may look at a key: what the range excludes has to be dropped afterwards. */
export const isInRange = ({ sortName, range }: Question, stored: Stored): boolean =>
  range.to === undefined || textOf(stored, sortName) !== range.to;

/** Where the next page begins, from where this one ended. */
export function toNextCursor(question: Question, last: Stored | undefined): string | undefined {
  if (!last) return undefined;
  return toCursor(
    toText(question),
    Object.fromEntries(positionNames(question).map((name) => [name, textOf(last, name)])),
  );
}

function toStartKey(question: Question, cursor: string): Stored {
  const position = fromCursor(toText(question), cursor);
  const key: Stored = { [question.hashName]: { S: question.hash } };
  for (const name of positionNames(question)) key[name] = { S: String(position[name]) };
  return key;
}

/** What a start key needs beside the hash, which always comes from the question. */
const positionNames = ({ hashName, sortName }: Question): string[] =>
  [...new Set(['pk', 'sk', sortName])].filter((name) => name !== hashName);

/** Everything a cursor is bound to; not the limit, which may differ from page to page. */
const toText = ({ index, hash, range }: Question): readonly unknown[] =>
  [index, hash, range.prefix, range.from, range.to, range.reverse === true].map((each) => each ?? null);

function toSortCondition(name: string, { from, to }: Bounds): string {
  // An empty string is no key: beginning there is beginning at the first.
  if (from && to !== undefined) return ` AND ${name} BETWEEN :from AND :to`;
  if (from) return ` AND ${name} >= :from`;
  return to === undefined ? '' : ` AND ${name} < :to`;
}
