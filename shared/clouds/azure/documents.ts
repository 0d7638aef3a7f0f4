import type { Client } from './clients.ts';
import { Fault, toFault } from './errors.ts';
import { type HttpAnswer, header } from './http.ts';
import { toId } from './items.ts';
import type { SqlQuery } from './query.ts';

/** The few calls of Cosmos DB's REST API that the store makes (https://learn.microsoft.com/rest/api/cosmos-db/). */
export interface Documents {
  /** A strongly consistent point read. */
  read(partition: string, key: string): Promise<unknown>;
  /** The next documents of a query in one partition or one key range; an empty page is never followed by more. */
  query<T>(sql: SqlQuery, scope: Scope, limit: number): Promise<{ documents: readonly T[]; more: boolean }>;
  /** All or nothing. */
  batch(partition: string, operations: string): Promise<BatchOutcome>;
  /** Physical partitions: a query that is not bound to a partition has to be put to each of them. */
  keyRanges(): Promise<readonly string[]>;
}

export type Scope = { readonly partition: string } | { readonly keyRange: string };
/** `conflict`: some operation's condition did not hold (or an item was, or was not, there), and nothing was written. */
export type BatchOutcome = 'written' | 'conflict' | 'too large';

const VERSION = '2020-07-15';

export function createDocuments(client: Client, endpoint: string, database: string, container: string): Documents {
  const base = `${endpoint.replace(/\/$/, '')}/dbs/${encodeURIComponent(database)}/colls/${encodeURIComponent(container)}`;
  const docs = new URL(`${base}/docs`);

  async function read(partition: string, key: string): Promise<unknown> {
    const url = new URL(`${base}/docs/${toId(key)}`);
    const answer = await client.send({ method: 'GET', url, headers: { ...common, ...inPartition(partition) } });
    if (answer.status === 200) return JSON.parse(answer.body.toString());
    // 404 also says that the container itself is missing, with a sub-status of its own.
    if (answer.status === 404 && isDocumentMissing(answer)) return undefined;
    throw toFault(answer);
  }

  async function query<T>(sql: SqlQuery, scope: Scope, limit: number) {
    let continuation: string | undefined;
    do {
      const answer = await client.send({
        method: 'POST',
        url: docs,
        body: JSON.stringify(sql),
        headers: {
          ...common,
          'content-type': 'application/query+json',
          'x-ms-documentdb-isquery': 'true',
          'x-ms-max-item-count': String(limit),
          ...('partition' in scope ? inPartition(scope.partition) : inKeyRange(scope.keyRange)),
          ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
        },
      });
      if (answer.status !== 200) throw toFault(answer);
      const documents: readonly T[] = JSON.parse(answer.body.toString()).Documents;
      continuation = header(answer.headers, 'x-ms-continuation');
      // An empty page is no end: Cosmos DB pauses a query whose time or budget is over.
      if (documents.length > 0) return { documents, more: continuation !== undefined };
    } while (continuation !== undefined);
    return { documents: [], more: false };
  }

  async function batch(partition: string, operations: string): Promise<BatchOutcome> {
    const headers = {
      ...common,
      ...inPartition(partition),
      'content-type': 'application/json',
      'x-ms-cosmos-is-batch-request': 'true',
      'x-ms-cosmos-batch-atomic': 'true',
    };
    const answer = await client.send({ method: 'POST', url: docs, headers, body: operations });
    if (answer.status === 200) return 'written';
    return toOutcome(answer);
  }

  async function keyRanges(): Promise<readonly string[]> {
    const answer = await client.send({ method: 'GET', url: new URL(`${base}/pkranges`), headers: common });
    if (answer.status !== 200) throw toFault(answer);
    const ranges: readonly { id: string; parents?: readonly string[] }[] = JSON.parse(
      answer.body.toString(),
    ).PartitionKeyRanges;
    // While a partition is being split, it is listed together with its parts.
    const parents = new Set(ranges.flatMap((range) => range.parents ?? []));
    return ranges.map((range) => range.id).filter((id) => !parents.has(id));
  }

  return { read, query, batch, keyRanges };
}

const common = { 'x-ms-version': VERSION, accept: 'application/json' } as const;

/** Headers are ASCII, so everything else in a partition's name is escaped as JSON allows. */
const inPartition = (partition: string) => ({
  'x-ms-documentdb-partitionkey': JSON.stringify([partition]).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
});

/** An index is read with eventual consistency: half the price, and all that the port promises of it. */
const inKeyRange = (keyRange: string) => ({
  'x-ms-documentdb-partitionkeyrangeid': keyRange,
  'x-ms-documentdb-query-enablecrosspartition': 'true',
  'x-ms-consistency-level': 'Eventual',
});

/** 1003: the container or database is missing; 1002: this replica has not caught up. */
const isDocumentMissing = (answer: HttpAnswer): boolean =>
  !['1002', '1003'].includes(header(answer.headers, 'x-ms-substatus') ?? '');

interface OperationResult {
  readonly statusCode: number;
  readonly retryAfterMilliseconds?: number;
}

/** A batch fails with 207 and a status for each operation: the cause's own for one, 424 for all others. */
function toOutcome(answer: HttpAnswer): BatchOutcome {
  const failed = results(answer).find(({ statusCode }) => statusCode >= 400 && statusCode !== 424);
  const status = failed?.statusCode ?? answer.status;
  if (failed && [404, 409, 412].includes(status)) return 'conflict';
  if (status === 413) return 'too large';
  // For a write, Cosmos DB's 503 does not tell whether the write was made (https://aka.ms/cosmosdb-tsg-service-unavailable).
  if (status === 503) throw new Fault('lost', '503');
  const fault = toFault({ status, headers: answer.headers });
  throw new Fault(fault.kind, fault.message, failed?.retryAfterMilliseconds ?? fault.retryAfterMs);
}

function results(answer: HttpAnswer): readonly OperationResult[] {
  try {
    const parsed: unknown = JSON.parse(answer.body.toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return []; // A gateway's own error page: its status says enough.
  }
}
