import { INDEXES } from '../../ports/store.ts';

/**
 * The one Cosmos DB container, in the words that its REST API and ARM's `resource` property share. Items expire by their
 * own `ttl` alone. Only what queries order and filter by is indexed, because every indexed path costs request units at
 * each write. The account's default consistency has to be Strong (or Bounded staleness in a single region): `get` and
 * `list` promise it, and a single request can only weaken it.
 */
export const containerDefinition = {
  partitionKey: { paths: ['/pk'], kind: 'Hash', version: 2 },
  defaultTtl: -1,
  indexingPolicy: {
    automatic: true,
    indexingMode: 'consistent',
    includedPaths: ['sk', ...INDEXES].map((name) => ({ path: `/${name}/?` })),
    excludedPaths: [{ path: '/*' }],
  },
} as const;

/** Documented limits of a transactional batch: operations, and bytes of the request. */
export const BATCH_LIMITS = { operations: 100, bytes: 2 * 1024 * 1024 } as const;
