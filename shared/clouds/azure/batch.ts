import { LimitError } from '../../errors.ts';
import type { Write } from '../../ports/store.ts';
import { BATCH_LIMITS } from './container.ts';
import { type Stored, toEntries, toId, toTtl } from './items.ts';

/** A commit on its way, already checked against the port's limits. */
export interface Commit {
  readonly partition: string;
  readonly writes: readonly Write[];
  /** Each put's JSON, in order of the writes. */
  readonly values: readonly (string | undefined)[];
  readonly commitId: string;
  /** The version that all its puts get. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What of an item decides conditions. */
export type Seen = Pick<Stored, 'sk' | 'w' | 'x'>;
/** The commit's keys as somebody just saw them; nothing under a key means that there is no such item. */
export type Known = ReadonlyMap<string, Seen>;

/**
 * The commit as the JSON text of one transactional batch. Without `known` it guesses (what has to be absent is, what is
 * to be deleted is there); a batch that fails for a wrong guess is made again with what is known then.
 *
 * Conditions on a version are predicates of conditional patches on our own `w`, not etags: a `Read` operation does not
 * fail when its `ifMatch` does not hold (it answers 304 or 200 and lets the batch pass), so the only check of an existing
 * item is a patch, and every patch changes the etag. With etags, checking an item would make its readers' versions stale.
 *
 * Throws `LimitError` when keys and index entries make the batch larger than Cosmos DB takes.
 */
export function toBatch(commit: Commit, known?: Known): string {
  const pairs = commit.writes.filter((write) => needsPair(write, known)).length;
  const room = commit.writes.length + pairs <= BATCH_LIMITS.operations;
  const operations = commit.writes.flatMap((write, i) => toOperations(commit, write, commit.values[i], known, room));
  const batch = `[${operations.join(',')}]`;
  const bytes = Buffer.byteLength(batch);
  if (bytes > BATCH_LIMITS.bytes)
    throw new LimitError(
      `A commit to ${commit.partition} has ${bytes} bytes with its keys; ${BATCH_LIMITS.bytes} are the limit`,
    );
  return batch;
}

/** Which keys' conditions do not hold, given what is known. */
export function failedKeys(commit: Commit, known: Known): string[] {
  return commit.writes.filter((write) => !holds(write, known.get(write.key), commit.now)).map((write) => write.key);
}

function holds(write: Write, seen: Seen | undefined, now: number): boolean {
  const alive = seen && (seen.x === null || seen.x > now) ? seen : undefined;
  if (write.if === 'any') return true;
  return write.if === 'absent' ? !alive : alive?.w === write.if;
}

/** Whether a write is written plainly as two operations: one that fails unless the condition holds, and a deletion. */
const needsPair = (write: Write, known: Known | undefined): boolean =>
  write.kind === 'delete'
    ? write.if !== 'any' || isMissing(write.key, known)
    : write.kind === 'check' && write.if === 'absent' && !known?.has(write.key);

const isMissing = (key: string, known: Known | undefined): boolean => known !== undefined && !known.has(key);

function toOperations(
  commit: Commit,
  write: Write,
  json: string | undefined,
  known: Known | undefined,
  room: boolean,
): string[] {
  const id = toId(write.key);
  if (write.kind === 'put') {
    const values = toMembers(commit, write);
    if (write.if === 'any') return [create('Upsert', commit, write.key, values, json)];
    if (write.if !== 'absent') return [patch(id, isVersion(write.if, commit.now), values, json)];
    // Expired but not yet removed: it counts as absent, so it is overwritten if it still is what was seen.
    const expired = known?.get(write.key);
    return [
      expired
        ? patch(id, isExpired(expired, commit.now), values, json)
        : create('Create', commit, write.key, values, json),
    ];
  }
  const remove = operation('Delete', { id });
  const untouched = { sk: write.key };
  if (write.if === 'absent') {
    const expired = known?.get(write.key);
    if (expired) return [patch(id, isExpired(expired, commit.now), untouched)];
    return absent(commit, write.key, remove, room);
  }
  if (write.kind === 'check') return [patch(id, isVersion(write.if, commit.now), untouched)];
  if (write.if === 'any') return isMissing(write.key, known) ? absent(commit, write.key, remove, room) : [remove];
  const isCurrent = isVersion(write.if, commit.now);
  return room ? [patch(id, isCurrent, untouched), remove] : [patch(id, isCurrent, tombstone(commit), 'null')];
}

/** Fails unless the item is absent. Where two operations are one too many, it leaves an expired item behind. */
function absent(commit: Commit, key: string, remove: string, room: boolean): string[] {
  const probe = create('Create', commit, key, tombstone(commit), 'null');
  return room ? [probe, remove] : [probe];
}

type Members = Readonly<Record<string, string | number | null>>;

const toMembers = (commit: Commit, write: Extract<Write, { kind: 'put' }>): Members => ({
  c: commit.commitId,
  w: commit.version,
  x: write.expiresAt ?? null,
  ttl: toTtl(write.expiresAt, commit.now),
  ...toEntries(write.indexes, commit.partition, write.key),
});

const tombstone = (commit: Commit): Members => ({
  c: commit.commitId,
  w: commit.version,
  x: 0,
  ttl: 1,
  ...toEntries(undefined, commit.partition, ''),
});

const isVersion = (version: string, now: number): string =>
  `c.w = ${JSON.stringify(version)} AND (IS_NULL(c.x) OR c.x > ${now})`;
const isExpired = (seen: Seen, now: number): string => `c.w = ${JSON.stringify(seen.w)} AND c.x <= ${now}`;

function create(kind: 'Create' | 'Upsert', commit: Commit, key: string, members: Members, json = 'null'): string {
  const document = JSON.stringify({ id: toId(key), pk: commit.partition, sk: key, ...members });
  return operation(kind, {}, `${document.slice(0, -1)},"v":${json}}`);
}

/** Sets members, and the value when there is one; at most nine of the ten operations that a patch may have. */
function patch(id: string, condition: string, members: Members, json?: string): string {
  const sets = Object.entries(members).map(([name, value]) => JSON.stringify({ op: 'set', path: `/${name}`, value }));
  if (json !== undefined) sets.push(`{"op":"set","path":"/v","value":${json}}`);
  const predicate = JSON.stringify(`FROM c WHERE ${condition}`);
  return operation('Patch', { id }, `{"condition":${predicate},"operations":[${sets.join(',')}]}`);
}

/** Asks for no document in return: the answer to a batch has a limit of its own. */
function operation(operationType: string, rest: Readonly<Record<string, string>>, body?: string): string {
  const head = JSON.stringify({ operationType, ...rest, minimalReturnPreference: true });
  return body === undefined ? head : `${head.slice(0, -1)},"resourceBody":${body}}`;
}
