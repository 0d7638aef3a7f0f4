import { INDEXES, type IndexName } from '../../ports/store.ts';

/**
 * Attributes of an item: `pk` and `sk` (the port's partition and key), `v` (the value as JSON text), `r` (revision: the
 * port's opaque version), `c` (commit id), `x` and `xm` (expiry in seconds, for the cloud's deletion, and in exact
 * milliseconds, for our own filter), and hash and sort of each index that the item is in: `i1h`, `i1s`, …
 */
export const hashOf = (index: IndexName): string => `${index}h`;
export const sortOf = (index: IndexName): string => `${index}s`;

const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });
const keys = (hash: string, sort: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
];

/**
 * The one table, in the words that `CreateTable` and CloudFormation's `AWS::DynamoDB::Table` share; the infrastructure
 * adds `TableName` and point-in-time recovery. The indexes are sparse (an item without an entry is in none of them) and
 * hold whole items, so that `find` is one request.
 */
export const tableDefinition = {
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: ['pk', 'sk', ...INDEXES.flatMap((index) => [hashOf(index), sortOf(index)])].map(text),
  KeySchema: keys('pk', 'sk'),
  GlobalSecondaryIndexes: INDEXES.map((index) => ({
    IndexName: index,
    KeySchema: keys(hashOf(index), sortOf(index)),
    Projection: { ProjectionType: 'ALL' as const },
  })),
};

/** CloudFormation's property of this name; the API has a call of its own for it. */
export const timeToLiveSpecification = { AttributeName: 'x', Enabled: true };
