import { newId } from './domain/ids.ts';
import { ConflictError } from './errors.ts';
import { put } from './pipeline/writes.ts';
import type { Runtime } from './runtime.ts';

const PARTITION = 'app/workspaces';

/** Every workspace of the app: the configured one and those that were made. */
export async function workspacesOf(runtime: Pick<Runtime, 'store' | 'settings'>): Promise<string[]> {
  const names = new Set([runtime.settings.workspace]);
  let cursor: string | undefined;
  do {
    const page = await runtime.store.list(PARTITION, { limit: 1000, ...(cursor ? { cursor } : {}) });
    for (const { key } of page.items) names.add(key);
    cursor = page.cursor;
  } while (cursor);
  return [...names].sort();
}

/** Makes a workspace; making it again changes nothing. */
export async function addWorkspace(runtime: Pick<Runtime, 'store' | 'clock'>, name: string): Promise<void> {
  const now = runtime.clock.now();
  try {
    await runtime.store.commit(PARTITION, [put(name, { v: 1, createdAt: now })], newId('cmt', now));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
