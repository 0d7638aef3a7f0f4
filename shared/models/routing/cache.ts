import * as z from 'zod/v4/core';
import { digest, newId } from '../../domain/ids.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Json, Store } from '../../ports/store.ts';
import { TASKS, type TaskInput, type TaskName, type TaskOutput } from '../tasks.ts';
import type { Route } from './configuration.ts';
import { toStrictSchema } from './structured.ts';

interface Stored {
  readonly v: 1;
  readonly at: number;
  readonly model: string;
  readonly value: Json;
}

export interface CachedAnswer<T extends TaskName> {
  readonly value: TaskOutput<T>;
  readonly model: string;
  /** Younger than the route's time; an older one only does when no model can answer. */
  readonly fresh: boolean;
}

export interface AnswerCache {
  get<T extends TaskName>(id: string, task: T, freshSeconds: number): Promise<CachedAnswer<T> | undefined>;
  put(id: string, value: unknown, model: string, freshSeconds: number): Promise<void>;
}

/** An answer stays for at least a day, for times without models. */
const LEAST_KEPT_MS = 86_400_000;

/** Everything that an answer depends on: workspace, task with its instructions and form, input, and the route's models. */
export function cacheId<T extends TaskName>(workspace: string, task: T, input: TaskInput<T>, route: Route): string {
  const { instructions, output, maxOutputTokens } = TASKS[task];
  const models = [...route.models, ...route.fallbacks].map(({ model }) => [model.key, model.extra, model.structured]);
  const all = [workspace, task, instructions, toStrictSchema(output), maxOutputTokens, canonical(input), models];
  return `${workspace}/model-answer/${digest(JSON.stringify(all))}`;
}

/** The same value whatever the order in which an object's members were written. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, canonical(inner)]);
}

/** Answers to identical questions, in the workspace's own part of the store. Without the store there is no cache. */
export function createCache({ store, clock, log }: { store: Store; clock: Clock; log: Log }): AnswerCache {
  async function get<T extends TaskName>(
    id: string,
    task: T,
    freshSeconds: number,
  ): Promise<CachedAnswer<T> | undefined> {
    const stored = await store.get(id, 'answer').then(
      (item) => item?.value as Stored | undefined, // written here alone
      () => undefined,
    );
    // Kept by an older version perhaps, whose answers had another form.
    const parsed = stored ? z.safeParse(TASKS[task].output, stored.value) : undefined;
    if (!stored || !parsed?.success) return undefined;
    const fresh = clock.now() - stored.at < freshSeconds * 1000;
    // One table is looked up twice under the same key, which TypeScript cannot relate.
    return { value: parsed.data as TaskOutput<T>, model: stored.model, fresh };
  }

  async function put(id: string, value: unknown, model: string, freshSeconds: number): Promise<void> {
    const now = clock.now();
    const stored: Stored = { v: 1, at: now, model, value: value as Json }; // parsed by the task's schema, so plain JSON
    const expiresAt = now + Math.max(LEAST_KEPT_MS, freshSeconds * 1000);
    await store
      .commit(id, [{ kind: 'put', key: 'answer', value: { ...stored }, if: 'any', expiresAt }], newId('cmt', now))
      .catch((error: unknown) =>
        log.warn('A model answer was not cached', { error: error instanceof Error ? error : undefined }),
      );
  }

  return { get, put };
}
