import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tableDefinition } from '../../shared/clouds/aws/table.ts';
import { compare, holds, type Value, type Values } from './aws-expressions.ts';
import { toRefusal } from './aws-faults.ts';
import type { Answer } from './faulty-proxy.ts';

export interface DynamoDbPeer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * One table of `tableDefinition` with what moto lacks: the token of a transaction, a transaction that fails without
 * undoing what others wrote meanwhile, the limits of sizes, pages of 1 MB, and the speed for a thousand of them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export async function startDynamoDbPeer(): Promise<DynamoDbPeer> {
  const table = createTable();
  const server = createServer(async (incoming, outgoing) => {
    const text = Buffer.concat(await Array.fromAsync(incoming)).toString();
    const operation = String(incoming.headers['x-amz-target']).replace(/^.*\./, '');
    const { status, headers, body } = answerTo(table, operation, JSON.parse(text));
    outgoing.writeHead(status, { ...headers, 'content-type': 'application/x-amz-json-1.0' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Guard {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Values;
}
interface Transaction {
  readonly Put?: Guard & { readonly Item: Values };
  readonly Delete?: Guard & { readonly Key: Values };
  readonly ConditionCheck?: Guard & { readonly Key: Values };
}
interface Query {
  readonly IndexName?: string;
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Values;
  readonly ConsistentRead?: boolean;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Values;
}
/** Whatever the operation asks for: each reads its own. */
type Request = Query & { readonly Key: Values; readonly Item: Values } & Guard & {
    readonly TransactItems: readonly Transaction[];
    readonly ClientRequestToken?: string;
  };
type Table = ReturnType<typeof createTable>;

const LIMITS = { item: 409_600, transaction: 4 * 1024 ** 2, page: 1024 ** 2, writes: 100, hash: 2_048, sort: 1_024 };

class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(String(answer.body));
    this.answer = answer;
  }
}
const refuse = (name: string): never => {
  throw new Refused(toRefusal(name));
};

function answerTo(table: Table, operation: string, input: Request): Answer {
  const handlers: Record<string, () => object> = {
    GetItem: () => table.get(input.Key),
    PutItem: () => table.write([{ Put: input }], 'ConditionalCheckFailedException'),
    DeleteItem: () => table.write([{ Delete: input }], 'ConditionalCheckFailedException'),
    TransactWriteItems: () => table.transact(input.TransactItems, input.ClientRequestToken),
    Query: () => table.query(input),
  };
  try {
    return {
      status: 200,
      body: JSON.stringify((handlers[operation] ?? (() => refuse('UnknownOperationException')))()),
    };
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    if (error instanceof SyntaxError) return toRefusal('ValidationException');
    throw error;
  }
}

function createTable() {
  const items = new Map<string, Values>();
  const tokens = new Map<string, string>();
  const idOf = (key: Values): string => JSON.stringify([textOf(key['pk']), textOf(key['sk'])]);
  const keyOf = ({ Put, Delete, ConditionCheck }: Transaction): Values =>
    Put?.Item ?? Delete?.Key ?? ConditionCheck?.Key ?? {};

  function write(writes: readonly Transaction[], failure?: string): object {
    const codes = writes.map((each) => {
      const { ConditionExpression, ExpressionAttributeValues = {} } =
        each.Put ?? each.Delete ?? each.ConditionCheck ?? {};
      const stored = items.get(idOf(keyOf(each))) ?? {};
      const held = ConditionExpression === undefined || holds(ConditionExpression, ExpressionAttributeValues, stored);
      return held ? 'None' : 'ConditionalCheckFailed';
    });
    for (const { Put } of writes) if (Put) checkItem(Put.Item);
    if (codes.some((code) => code !== 'None')) {
      if (failure) refuse(failure);
      const { status, headers } = toRefusal('');
      const reasons = { CancellationReasons: codes.map((Code) => ({ Code })) };
      throw new Refused({
        status,
        ...(headers ? { headers } : {}),
        body: JSON.stringify({ __type: 'TransactionCanceledException', ...reasons }),
      });
    }
    for (const each of writes) {
      if (each.Put) items.set(idOf(each.Put.Item), each.Put.Item);
      if (each.Delete) items.delete(idOf(each.Delete.Key));
    }
    return {};
  }

  function transact(writes: readonly Transaction[], token = ''): object {
    const text = JSON.stringify(writes);
    const before = tokens.get(token);
    if (before !== undefined) return before === text ? {} : refuse('IdempotentParameterMismatchException');
    const ids = new Set(writes.map((each) => idOf(keyOf(each))));
    if (writes.length > LIMITS.writes || ids.size < writes.length) refuse('ValidationException');
    if (writes.reduce((sum, { Put }) => sum + (Put ? sizeOf(Put.Item) : 0), 0) > LIMITS.transaction)
      refuse('ValidationException');
    write(writes);
    if (token) tokens.set(token, text);
    return {};
  }

  function query(input: Query): object {
    const { IndexName, KeyConditionExpression, ExpressionAttributeValues, ScanIndexForward = true, Limit } = input;
    const index = IndexName === undefined ? tableDefinition : indexNamed(IndexName);
    if (IndexName !== undefined && input.ConsistentRead) refuse('ValidationException');
    const [hash = '', sort = ''] = index.KeySchema.map(({ AttributeName }) => AttributeName);
    const { [':from']: from, [':to']: to } = ExpressionAttributeValues;
    if (from && to && compare(from, to) > 0) refuse('ValidationException');
    const order = (a: Values, b: Values): number => byKey([sort, 'pk', 'sk'], a, b) * (ScanIndexForward ? 1 : -1);
    const start = input.ExclusiveStartKey;
    if (start && textOf(start[hash]) !== textOf(ExpressionAttributeValues[':hash'])) refuse('ValidationException');
    const matching = [...items.values()]
      .filter((item) => item[sort] && holds(KeyConditionExpression, ExpressionAttributeValues, item))
      .sort(order);
    const rest = start ? matching.filter((item) => order(item, start) > 0) : matching;
    const page: Values[] = [];
    let size = 0;
    for (const item of rest) {
      size += sizeOf(item);
      if (page.length === Limit || size > LIMITS.page) break;
      page.push(item);
    }
    // As in the cloud, a page that is full says that more may follow, also when nothing does.
    const last = page.length === Limit || page.length < rest.length ? page.at(-1) : undefined;
    const key = last && Object.fromEntries([hash, sort, 'pk', 'sk'].map((name) => [name, last[name]]));
    return { Items: page, Count: page.length, ...(key ? { LastEvaluatedKey: key } : {}) };
  }

  return { get: (key: Values) => ({ Item: items.get(idOf(key)) }), write, transact, query };
}

function checkItem(item: Values): void {
  if (sizeOf(item) > LIMITS.item) refuse('ValidationException');
  for (const { KeySchema } of [tableDefinition, ...tableDefinition.GlobalSecondaryIndexes])
    for (const { AttributeName, KeyType } of KeySchema) {
      const value = item[AttributeName];
      if (!value && KeySchema !== tableDefinition.KeySchema) continue;
      const bytes = Buffer.byteLength(textOf(value));
      if (bytes < 1 || bytes > (KeyType === 'HASH' ? LIMITS.hash : LIMITS.sort)) refuse('ValidationException');
    }
}

const indexNamed = (name: string) =>
  tableDefinition.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name) ?? refuse('ValidationException');

const textOf = (value: Value | undefined): string => (value && 'S' in value ? value.S : '');

/** Names and values, as UTF-8: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const sizeOf = (item: Values): number =>
  Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name + ('S' in value ? value.S : value.N)),
    0,
  );

function byKey(names: readonly string[], a: Values, b: Values): number {
  for (const name of names) {
    const [left, right] = [a[name], b[name]];
    const order = left && right ? compare(left, right) : 0;
    if (order !== 0) return order;
  }
  return 0;
}
