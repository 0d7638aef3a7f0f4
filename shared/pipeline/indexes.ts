import type { IndexEntries } from '../ports/store.ts';

/** Index hashes carry the workspace after the name of their use, so that no workspace finds another's. */
export const inWorkspace = (indexes: IndexEntries, workspace: string): IndexEntries =>
  Object.fromEntries(
    Object.entries(indexes).map(([name, entry]) => [name, { ...entry, hash: indexHash(workspace, entry.hash) }]),
  );

/** `ticket-state#closed` of a handler is `ticket-state#main#closed` in the store. */
export function indexHash(workspace: string, hash: string): string {
  const at = hash.indexOf('#');
  return at < 0 ? `${hash}#${workspace}` : `${hash.slice(0, at)}#${workspace}#${hash.slice(at + 1)}`;
}
