import type { TaskInput, TaskName, TaskOutput } from '../models/tasks.ts';

/** One answer of a model, typed by its task, with what it took. */
export interface Answer<T> {
  readonly value: T;
  /** Who answered, for example `offline` or `bedrock/…`; shown beside the answer. */
  readonly model: string;
  /** US dollars as a decimal string; `0` offline. */
  readonly cost: string;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/**
 * Language models behind one port: tasks with schemas instead of prompts, so that an offline model can do them too.
 * Values are checked against the task's schema; no invented category ever leaves the port.
 */
export interface Model {
  /** Throws `UnavailableError` when nobody could answer before the deadline. */
  ask<T extends TaskName>(task: T, input: TaskInput<T>): Promise<Answer<TaskOutput<T>>>;
}
