import { randomUUID } from 'node:crypto';
import { parsePredicate, type Value } from './sql.ts';

export type Document = { [key: string]: Value };

/** An operation's answer: its status, and the document where there is one. */
export interface Result {
  readonly status: number;
  readonly document?: Document;
}

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** The documents of one logical partition, by id. */
export type Partition = Map<string, Document>;

/** Whether the time to live is over: Cosmos DB hides such a document at once and removes it when it has time. */
const isHidden = (document: Document): boolean => {
  const ttl = document['ttl'];
  return typeof ttl === 'number' && ttl > 0 && Number(document['_ts']) + ttl <= Date.now() / 1_000;
};

export const visible = (partition: Partition | undefined, id: string): Document | undefined => {
  const document = partition?.get(id);
  return document && !isHidden(document) ? document : undefined;
};

export const allVisible = (partition: Partition | undefined): Document[] =>
  [...(partition?.values() ?? [])].filter((document) => !isHidden(document));

/** 255 characters were the limit once; today it is 1,023 bytes. */
const isId = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= 1_023 && !/[/\\?#]/.test(id);

const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

function write(partition: Partition, body: Document, status: number): Result {
  if (Buffer.byteLength(JSON.stringify(body)) > MAX_DOCUMENT_BYTES) return { status: 413 };
  const ttl = body['ttl'];
  if (ttl !== undefined && ttl !== null && !(Number.isInteger(ttl) && (ttl === -1 || Number(ttl) > 0)))
    return { status: 400 };
  const document = { ...body, _etag: `"${randomUUID()}"`, _ts: Math.floor(Date.now() / 1_000), _rid: randomUUID() };
  partition.set(String(body['id']), document);
  return { status, document };
}

export function create(partition: Partition, body: Document): Result {
  if (!isId(body['id'])) return { status: 400 };
  if (visible(partition, body['id'])) return { status: 409 };
  return write(partition, body, 201);
}

/** `ifMatch` counts only when there is something to replace. */
export function upsert(partition: Partition, body: Document, { ifMatch }: Conditions): Result {
  if (!isId(body['id'])) return { status: 400 };
  const current = visible(partition, body['id']);
  if (!current) return write(partition, body, 201);
  if (ifMatch !== undefined && ifMatch !== current['_etag']) return { status: 412 };
  return write(partition, body, 200);
}

export function replace(partition: Partition, id: string, body: Document, { ifMatch }: Conditions): Result {
  const current = visible(partition, id);
  if (!current) return { status: 404 };
  if (body['id'] !== id) return { status: 400 };
  if (ifMatch !== undefined && ifMatch !== current['_etag']) return { status: 412 };
  return write(partition, body, 200);
}

export function remove(partition: Partition, id: string, { ifMatch }: Conditions): Result {
  const current = visible(partition, id);
  if (!current) return { status: 404 };
  if (ifMatch !== undefined && ifMatch !== current['_etag']) return { status: 412 };
  partition.delete(id);
  return { status: 204 };
}

/**
 * In a batch, a read whose `ifMatch` holds answers 304 and one whose `ifMatch` does not hold answers 200: a read never
 * makes a batch fail, apart from 404. So say the tests of the .NET SDK, which run against the real service
 * (BatchSinglePartitionKeyTests, "BatchSessionTokenProperties"); it is why a read can't serve as a check.
 */
export function read(partition: Partition | undefined, id: string, { ifMatch, ifNoneMatch }: Conditions): Result {
  const current = visible(partition, id);
  if (!current) return { status: 404 };
  const known = ifMatch ?? ifNoneMatch;
  return known !== undefined && known === current['_etag'] ? { status: 304 } : { status: 200, document: current };
}

const MAX_PATCH_OPERATIONS = 10;

/** The operations alone, or with a condition. Members at the top; `set`, `add`, `replace` and `remove`. Whatever it changes, even nothing, is a new etag. */
export function patch(partition: Partition, id: string, body: Document | Value[], { ifMatch }: Conditions): Result {
  const current = visible(partition, id);
  if (!current) return { status: 404 };
  if (ifMatch !== undefined && ifMatch !== current['_etag']) return { status: 412 };
  const { condition, operations } = Array.isArray(body) ? { condition: null, operations: body } : body;
  if (typeof condition === 'string' && !parsePredicate(condition)(current)) return { status: 412 };
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MAX_PATCH_OPERATIONS)
    return { status: 400 };
  const patched = { ...current };
  for (const operation of operations) {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) return { status: 400 };
    const [, name] = /^\/([^/]+)$/.exec(String(operation['path'])) ?? [];
    if (name === undefined || name === 'id' || name.startsWith('_')) return { status: 400 };
    switch (operation['op']) {
      case 'set':
      case 'add':
        patched[name] = operation['value'] ?? null;
        break;
      case 'replace':
      case 'remove':
        if (!(name in patched)) return { status: 400 };
        if (operation['op'] === 'remove') delete patched[name];
        else patched[name] = operation['value'] ?? null;
        break;
      default:
        return { status: 400 };
    }
  }
  return write(partition, patched, 200);
}
