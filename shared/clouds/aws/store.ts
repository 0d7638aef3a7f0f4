import { randomBytes, randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { ConflictError, UnavailableError } from '../../errors.ts';
import { systemClock } from '../../ports/clock.ts';
import { checkCommit, type Item, type Page, type Store, type Write } from '../../ports/store.ts';
import type { RetryOptions } from '../retries.ts';
import { type ClientOptions, clientConfig, lazyClient, within } from './clients.ts';
import { isNamed } from './errors.ts';
import { type Commit, checkText, fromStored, isAlive, type Stored, textOf, toTransactItem } from './items.ts';
import { isInRange, type Question, toNextCursor, toQuery } from './query.ts';
import { createRetrying } from './retry.ts';
import { hashOf, sortOf } from './table.ts';

export interface StoreOptions extends ClientOptions, RetryOptions {
  /** Name of the table that `tableDefinition` describes. */
  readonly table: string;
}

const WHAT = 'The store';

/** The store on one DynamoDB table. Order is that of UTF-8 bytes, which is by code point. */
export function createStore(options: StoreOptions): Store {
  const { table, clock = systemClock } = options;
  const client = lazyClient(() => new DynamoDBClient(clientConfig(options)));
  const retrying = createRetrying(WHAT, client.renew, options);

  async function read(partition: string, key: string, ms: number): Promise<Stored | undefined> {
    const Key = { pk: { S: partition }, sk: { S: key } };
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    return (await client.get().send(command, within(ms))).Item;
  }

  async function page(question: Question): Promise<Page<Item>> {
    const query = toQuery(table, question);
    if (!query) return { items: [] };
    const answer = await retrying({ operation: 'Query' }, ({ ms }) =>
      client.get().send(new QueryCommand(query), within(ms)),
    );
    const now = clock.now();
    const items = (answer.Items ?? [])
      .filter((stored) => isAlive(stored, now) && isInRange(question, stored))
      .map(fromStored);
    const cursor = toNextCursor(question, answer.LastEvaluatedKey);
    return cursor === undefined ? { items } : { items, cursor };
  }

  /**
   * Half the price of a transaction, but without its token: when the answer is lost, making the write again could undo
   * what somebody else has written since.
   */
  function writeOne(commit: Commit, key: string, { Put, Delete }: TransactWriteItem): Promise<void> {
    const call = { operation: Put ? 'PutItem' : 'DeleteItem', repeatable: false };
    return retrying(call, async ({ ms }) => {
      try {
        if (Put) await client.get().send(new PutItemCommand(Put), within(ms));
        else if (Delete) await client.get().send(new DeleteItemCommand(Delete), within(ms));
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) throw new ConflictError(commit.partition, [key]);
        throw error;
      }
    });
  }

  /**
   * DynamoDB takes a second request with the same token for the first one, for ten minutes, so that a lost answer is
   * asked for again. Where a token is not known any more (or not known at all: moto), our own revision tells.
   */
  function writeAll(commit: Commit, writes: readonly Write[], TransactItems: TransactWriteItem[]): Promise<void> {
    const ClientRequestToken = randomUUID();
    return retrying({ operation: 'TransactWriteItems' }, async ({ ms, afterLost }) => {
      try {
        const command = new TransactWriteItemsCommand({ TransactItems, ClientRequestToken });
        await client.get().send(command, within(ms));
      } catch (error) {
        if (!isNamed(error, 'TransactionCanceledException')) throw error;
        // The cast follows from the name, which is how the service tells its errors apart.
        const keys = toFailedKeys(error as TransactionCanceledException, writes);
        if (!afterLost) throw new ConflictError(commit.partition, keys);
        const put = writes.find((write) => write.kind === 'put');
        const stored = put && (await read(commit.partition, put.key, ms));
        if (textOf(stored, 'r') !== commit.revision) throw new UnavailableError(WHAT, 'unknown');
      }
    });
  }

  return {
    async get(partition, key) {
      checkText(partition);
      checkText(key);
      const stored = await retrying({ operation: 'GetItem' }, ({ ms }) => read(partition, key, ms));
      return stored && isAlive(stored, clock.now()) ? fromStored(stored) : undefined;
    },
    list: async (partition, range = {}) =>
      page({ index: undefined, hashName: 'pk', sortName: 'sk', hash: partition, range }),
    find: async (index, hash, range = {}) =>
      page({ index, hashName: hashOf(index), sortName: sortOf(index), hash, range }),
    async commit(partition, writes, commitId) {
      const values = checkCommit(partition, writes);
      checkText(partition);
      const revision = randomBytes(12).toString('base64url');
      const commit: Commit = { table, partition, commitId, revision, now: clock.now() };
      const items = writes.map((write, i) => toTransactItem(commit, write, values[i]));
      const [first, second] = items;
      const one = writes[0];
      if (first && one && !second && one.kind !== 'check') await writeOne(commit, one.key, first);
      else await writeAll(commit, writes, items);
    },
    close: client.close,
  };
}

/** Keys whose conditions failed. Throws the reason, as if it were an error of its own, when it was none of them. */
function toFailedKeys(error: TransactionCanceledException, writes: readonly Write[]): string[] {
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
  const keys = writes.filter((_, i) => codes[i] === 'ConditionalCheckFailed').map((write) => write.key);
  if (keys.length > 0) return keys;
  const name = codes.find((code) => code !== 'None') ?? error.name;
  throw Object.assign(new Error(name), { name, $metadata: error.$metadata });
}
