import {
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

export interface Operation {
  readonly operationType: string;
  readonly id?: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly resourceBody?: Document;
  readonly minimalReturnPreference?: boolean;
}

const LIMITS = { operations: 100, bytes: 2 * 1024 * 1024 } as const;
const FAILED_DEPENDENCY = 424;

/** What a batch does: the partition as it is afterwards (the same one when it failed), and a status for each operation. */
export interface BatchResult {
  readonly status: number;
  readonly partition: Partition;
  readonly results: readonly Result[];
}

/**
 * One after the other on a copy; the first that fails undoes all, keeps its own status and gives the others 424
 * (https://learn.microsoft.com/azure/cosmos-db/nosql/transactional-batch).
 */
export function runBatch(before: Partition, pk: string, operations: readonly Operation[], bytes: number): BatchResult {
  if (bytes > LIMITS.bytes) return { status: 413, partition: before, results: [] };
  if (operations.length === 0 || operations.length > LIMITS.operations)
    return { status: 400, partition: before, results: [] };
  const partition = new Map(before);
  const results: Result[] = [];
  for (const operation of operations) {
    const result = run(partition, pk, operation);
    results.push(result);
    if (result.status >= 400) {
      const failed = results.length - 1;
      return {
        status: 207,
        partition: before,
        results: operations.map((_, i) => (i === failed ? result : { status: FAILED_DEPENDENCY })),
      };
    }
  }
  // A 304 among the results makes the whole answer a 207, although everything took effect.
  const status = results.some((result) => result.status === 304) ? 207 : 200;
  return { status, partition, results };
}

function run(partition: Partition, pk: string, operation: Operation): Result {
  const { operationType, id = '', resourceBody = {} } = operation;
  const writesDocument = operationType === 'Create' || operationType === 'Upsert' || operationType === 'Replace';
  if (writesDocument && resourceBody['pk'] !== pk) return { status: 400 };
  switch (operationType) {
    case 'Create':
      return create(partition, resourceBody);
    case 'Upsert':
      return upsert(partition, resourceBody, operation);
    case 'Replace':
      return replace(partition, id, resourceBody, operation);
    case 'Delete':
      return remove(partition, id, operation);
    case 'Read':
      return read(partition, id, operation);
    case 'Patch':
      return patch(partition, id, resourceBody, operation);
    default:
      return { status: 400 };
  }
}
