import type { Write } from '../../ports/store.ts';
import { type Document, fromVersion, toFields, toVersion } from './documents.ts';

type Seen = ReadonlyMap<string, Document>;

/** One call of `commit`, with all its attempts. */
export interface Commit {
  readonly partition: string;
  readonly commitId: string;
  /** Drawn for this call alone: tells its own writes from those of a call before with the same commit id. */
  readonly mark: string;
}

/** A field that no document has: writing its absence changes nothing. */
const NO_FIELD = 'unchanged';

/**
 * A write as `documents:commit` takes it. A `check` is a write that changes nothing: deleting what must not be there,
 * or leaving out a field that was never there. (Google's mobile clients send `verify`, which is in no published API.)
 * Firestore keeps the update time of a document that a write did not change
 * (https://cloud.google.com/firestore/docs/reference/rest/v1/WriteResult).
 *
 * `corpses` are the update times of expired documents, by name: an absent item may still lie there.
 */
export function toWrite(
  { partition, commitId, mark }: Commit,
  write: Write,
  name: string,
  value: string,
  corpses: ReadonlyMap<string, string>,
): object {
  const corpse = corpses.get(name);
  const currentDocument = toPrecondition(write, corpse);
  const condition = currentDocument ? { currentDocument } : {};
  switch (write.kind) {
    case 'put': {
      const { key, indexes, expiresAt } = write;
      return {
        update: { name, fields: toFields({ partition, key, value, commitId, mark, indexes, expiresAt }) },
        ...condition,
      };
    }
    case 'delete':
      return { delete: name, ...condition };
    case 'check':
      if (write.if === 'absent' && !corpse) return { delete: name, ...condition };
      return { update: { name }, updateMask: { fieldPaths: [NO_FIELD] }, ...condition };
  }
}

function toPrecondition(write: Write, corpse: string | undefined): object | undefined {
  if (write.if === 'any') return undefined;
  if (write.if === 'absent') return corpse ? { updateTime: corpse } : { exists: false };
  return { updateTime: fromVersion(write.if).updateTime };
}

/** Keys of which a version is wanted that has expired since it was read: known without asking. */
export const expiredKeys = (writes: readonly Write[], now: number): string[] =>
  writes.flatMap(({ key, if: wanted }) =>
    wanted !== 'any' && wanted !== 'absent' && fromVersion(wanted).expiresAt <= now ? [key] : [],
  );

/** Keys whose conditions do not hold by what was `seen`. */
export function failingKeys(
  writes: readonly Write[],
  names: readonly string[],
  seen: Seen,
  isAlive: (document: Document) => boolean,
): string[] {
  const holds = (write: Write, document: Document | undefined) => {
    if (write.if === 'any') return true;
    const living = document && isAlive(document) ? document : undefined;
    return write.if === 'absent' ? !living : living !== undefined && toVersion(living) === write.if;
  };
  return writes.flatMap((write, i) => (holds(write, seen.get(names[i] ?? '')) ? [] : [write.key]));
}

/** Whether an attempt before has taken effect, by any item that it put and nobody changed since. */
export const isOwn = ({ mark }: Commit, seen: Seen): boolean =>
  seen.values().some((document) => document.fields?.['m']?.stringValue === mark);

/** Whether something that the commit would have changed still is as it was: then the commit cannot have happened. */
export const isUntouched = (writes: readonly Write[], names: readonly string[], seen: Seen): boolean =>
  writes.some((write, i) => {
    if (write.kind === 'check' || write.if === 'any' || write.if === 'absent') return false;
    const document = seen.get(names[i] ?? '');
    return document !== undefined && toVersion(document) === write.if;
  });

/** Update times of the documents that lie where a condition wants nothing; only called when all of them have expired. */
export const corpsesIn = (writes: readonly Write[], names: readonly string[], seen: Seen): Map<string, string> =>
  new Map(
    writes.flatMap((write, i) => {
      const document = seen.get(names[i] ?? '');
      return write.if === 'absent' && document ? [[document.name, document.updateTime]] : [];
    }),
  );
