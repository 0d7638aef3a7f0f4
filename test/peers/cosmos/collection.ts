import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Operation, runBatch } from './batch.ts';
import {
  allVisible,
  create,
  type Document,
  type Partition,
  patch,
  type Result,
  read,
  remove,
  replace,
  upsert,
} from './documents.ts';
import { compareValues, type Parameters, parseQuery, SqlError, type Value } from './sql.ts';

export interface Reply {
  readonly status: number;
  readonly content?: unknown;
  readonly headers?: Record<string, string>;
}
interface CollectionOptions {
  readonly keyRanges?: number;
  readonly maxPage?: number;
}

const DEFAULT_PAGE = 100;

/** One container, partitioned by `/pk`. `path` is what follows the container's own path. */
export function createCollection(name: string, { keyRanges = 1, maxPage = 1_000 }: CollectionOptions) {
  const partitions = new Map<string, Partition>();
  const rangeOf = (pk: string): number => createHash('sha256').update(pk).digest().readUInt16BE() % keyRanges;

  function partitionOf(pk: string): Partition {
    const partition = partitions.get(pk) ?? new Map();
    partitions.set(pk, partition);
    return partition;
  }

  return (request: IncomingMessage, path: readonly string[], body: Buffer): Reply => {
    const { method, headers } = request;
    const [kind, id] = path;
    if (kind === undefined)
      return { status: 200, content: { id: name, partitionKey: { paths: ['/pk'], kind: 'Hash', version: 2 } } };
    if (kind === 'pkranges') return { status: 200, content: toRanges(keyRanges) };
    if (kind !== 'docs') return { status: 404, content: { code: 'NotFound' } };
    const pk = keyIn(headers['x-ms-documentdb-partitionkey']);
    if (method === 'POST' && headers['x-ms-documentdb-isquery'] !== undefined)
      return query(request, pk, JSON.parse(body.toString()));
    if (pk === undefined) return { status: 400, content: { code: 'BadRequest', message: 'PartitionKey is missing' } };
    const partition = partitionOf(pk);
    if (headers['x-ms-cosmos-is-batch-request']?.toString().toLowerCase() === 'true') return batch(pk, partition, body);
    return toReply(point(request, partition, id, body), prefersMinimal(request));
  };

  function point(
    { method, headers }: IncomingMessage,
    partition: Partition,
    id: string | undefined,
    body: Buffer,
  ): Result {
    const conditions = { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
    const sent = (): Document => JSON.parse(body.toString());
    if (id === undefined) {
      const isUpsert = headers['x-ms-documentdb-is-upsert']?.toString().toLowerCase() === 'true';
      return isUpsert ? upsert(partition, sent(), conditions) : create(partition, sent());
    }
    switch (method) {
      case 'GET':
        return read(partition, id, { ifNoneMatch: conditions.ifNoneMatch });
      case 'PUT':
        return replace(partition, id, sent(), conditions);
      case 'PATCH':
        return patch(partition, id, sent(), conditions);
      case 'DELETE':
        return remove(partition, id, conditions);
      default:
        return { status: 405 };
    }
  }

  function batch(pk: string, before: Partition, body: Buffer): Reply {
    const operations: Operation[] = JSON.parse(body.toString());
    const { status, partition, results } = runBatch(before, pk, operations, body.length);
    partitions.set(pk, partition);
    if (results.length === 0) return { status, content: { code: 'BadRequest' } };
    const content = results.map((result, i) => ({
      statusCode: result.status,
      requestCharge: 1,
      ...(result.document ? { eTag: result.document['_etag'] } : {}),
      ...(result.document && !operations[i]?.minimalReturnPreference ? { resourceBody: result.document } : {}),
    }));
    return { status, content };
  }

  function query({ headers }: IncomingMessage, pk: string | undefined, sent: SentQuery): Reply {
    const range = headers['x-ms-documentdb-partitionkeyrangeid'];
    if (pk === undefined && range === undefined && keyRanges > 1)
      return { status: 400, content: { code: 'BadRequest', message: 'Cross partition query needs a plan' } };
    const inScope = [...partitions].filter(([key]) =>
      pk === undefined ? range === undefined || rangeOf(key) === Number(range) : key === pk,
    );
    const documents = inScope.flatMap(([, partition]) => allVisible(partition));
    try {
      const found = select(documents, sent);
      const from = Number(headers['x-ms-continuation'] ?? 0);
      const asked = Number(headers['x-ms-max-item-count'] ?? DEFAULT_PAGE);
      const to = from + Math.min(asked > 0 ? asked : DEFAULT_PAGE, maxPage);
      const page = found.slice(from, to);
      const more = to < found.length ? { 'x-ms-continuation': String(to) } : {};
      return {
        status: 200,
        content: { _rid: '', Documents: page, _count: page.length },
        headers: { ...more, 'x-ms-item-count': String(page.length) },
      };
    } catch (error) {
      if (error instanceof SqlError) return { status: 400, content: { code: 'BadRequest', message: error.message } };
      throw error;
    }
  }
}

interface SentQuery {
  readonly query: string;
  readonly parameters?: readonly { readonly name: string; readonly value: Value }[];
}

function select(documents: readonly Document[], { query, parameters = [] }: SentQuery): Value[] {
  const parsed = parseQuery(query);
  const given: Parameters = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const found = documents.filter((document) => parsed.matches(document, given));
  const { order, select: columns } = parsed;
  if (order) {
    const sign = order.descending ? -1 : 1;
    found.sort((a, b) => compareValues(order.by(a, given), order.by(b, given)) * sign);
  }
  if (typeof columns === 'string') return found;
  return found.map((document) => {
    const row: Document = {};
    for (const { name, of } of columns) {
      const value = of(document, given);
      if (value !== undefined) row[name] = value;
    }
    return row;
  });
}

/** The partition key travels as a JSON array of one value. */
function keyIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [value]: Value[] = JSON.parse(String(header));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const toRanges = (count: number) => ({
  _rid: '',
  PartitionKeyRanges: Array.from({ length: count }, (_, i) => ({
    id: String(i),
    minInclusive: i === 0 ? '' : i.toString(16).padStart(2, '0').toUpperCase(),
    maxExclusive: i === count - 1 ? 'FF' : (i + 1).toString(16).padStart(2, '0').toUpperCase(),
    parents: [],
  })),
  _count: count,
});

const prefersMinimal = ({ headers }: IncomingMessage): boolean => headers['prefer'] === 'return=minimal';

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  404: 'NotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
};

function toReply({ status, document }: Result, minimal: boolean): Reply {
  const headers: Record<string, string> = document ? { etag: String(document['_etag']) } : {};
  if (status >= 400) return { status, content: { code: CODES[status] ?? 'Error', message: '' }, headers };
  return minimal ? { status, headers } : { status, content: document, headers };
}
