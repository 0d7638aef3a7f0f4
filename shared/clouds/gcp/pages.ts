import { createHash } from 'node:crypto';
import { badRequest } from '../../errors.ts';
import type { Item, Page, Range } from '../../ports/store.ts';
import { bucketOf, COLLECTION, type Document, fromDocument, type IndexField } from './documents.ts';

/** One question to `documents:runQuery`, and what its cursors are bound to. */
export interface Question {
  readonly field: IndexField;
  /** What a cursor must have been made for. */
  readonly id: string;
  readonly limit: number;
  /** `undefined` when the interval is empty, so that nothing needs asking. */
  readonly structuredQuery: object | undefined;
}

/** Where a page ended: the value of its last document and the document's name, which decides between equal values. */
interface Cursor {
  readonly q: string;
  readonly at: string;
  readonly name: string;
}

/** Beyond every text that begins as what stands before it. */
const LAST = '\u{10ffff}';

/** By UTF-8 bytes, as Firestore orders. */
const inOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The question that `list` and `find` ask: a range on one indexed field. Throws on a foreign cursor. */
export function toQuestion(
  field: IndexField,
  hash: string,
  range: Range & { readonly limit: number },
  root: string,
): Question {
  const { prefix = '', from = '', to, reverse = false, limit } = range;
  const bucket = bucketOf(hash);
  const id = idOf([field, bucket, prefix, from, to ?? null, reverse]);
  const low = inOrder(prefix, from) > 0 ? prefix : from;
  const high = [`${prefix}${LAST}`, ...(to === undefined ? [] : [to])].sort(inOrder)[0] ?? '';
  const empty = inOrder(low, high) >= 0;
  const cursor = range.cursor === undefined ? undefined : fromCursor(range.cursor, id);
  const direction = reverse ? 'DESCENDING' : 'ASCENDING';
  const compare = (op: string, value: string) => ({
    fieldFilter: { field: { fieldPath: field }, op, value: { stringValue: bucket + value } },
  });
  return {
    field,
    id,
    limit,
    structuredQuery: empty
      ? undefined
      : {
          from: [{ collectionId: COLLECTION }],
          where: {
            compositeFilter: {
              op: 'AND',
              filters: [compare('GREATER_THAN_OR_EQUAL', low), compare('LESS_THAN', high)],
            },
          },
          orderBy: [
            { field: { fieldPath: field }, direction },
            { field: { fieldPath: '__name__' }, direction },
          ],
          limit,
          ...(cursor ? { startAt: startAfter(cursor, bucket, root) } : {}),
        },
  };
}

/** `before: false` begins after the values, so that the document itself may be gone meanwhile. */
const startAfter = ({ at, name }: Cursor, bucket: string, root: string) => ({
  before: false,
  values: [{ stringValue: bucket + at }, { referenceValue: `${root}/${COLLECTION}/${name}` }],
});

/** The page that documents make: without the expired, and with a cursor when more may follow. */
export function toPage(
  { id, limit, field }: Question,
  documents: readonly Document[],
  complete: boolean,
  isAlive: (document: Document) => boolean,
): Page<Item> {
  const items = documents.filter(isAlive).map(fromDocument);
  const last = documents.at(-1);
  if (!last || (complete && documents.length < limit)) return { items };
  const value = last.fields?.[field]?.stringValue ?? '';
  const at = value.slice(value.indexOf('/') + 1);
  return { items, cursor: toCursor({ q: id, at, name: last.name.slice(last.name.lastIndexOf('/') + 1) }) };
}

const idOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);

const toCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function fromCursor(text: string, question: string): Cursor {
  const cursor = parse(Buffer.from(text, 'base64url').toString());
  if (cursor?.['q'] !== question) throw badRequest('This cursor belongs to another question; ask from the start');
  return { q: question, at: String(cursor['at']), name: String(cursor['name']) };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    // The cast says no more than was looked at: some object, whose members are unknown.
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
