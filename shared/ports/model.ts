import type { $ZodType } from 'zod/v4/core';
import type { Priority } from '../domain/vocabulary.ts';
import type { RouteName, TaskInput, TaskName, TaskOutput } from '../models/tasks.ts';

/** Tokens as every vendor's numbers mean the same: cached ones are part of the input, reasoning is part of the output. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input: read from the vendor's prompt cache. */
  readonly cachedTokens?: number;
  /** Of the input: written to the vendor's prompt cache. */
  readonly cacheWriteTokens?: number;
  /** Of the output: thought, not said. */
  readonly reasoningTokens?: number;
}

/**
 * Why this is not the first choice's answer: `model` another model of the route, `cheaper` the budget is nearly used,
 * `cached` an older answer to the same question, `offline` no language model could answer.
 */
export type Fallback = 'model' | 'cheaper' | 'cached' | 'offline';

/** One answer of a model, typed by its task, with what it took. */
export interface Answer<T> {
  readonly value: T;
  /** Who answered, for example `offline` or `bedrock/…`; shown beside the answer. */
  readonly model: string;
  /** US dollars as a decimal string, failed attempts included; `0` offline. */
  readonly cost: string;
  /** Of all attempts together. */
  readonly usage: Usage;
  /** Absent when the first choice answered. */
  readonly fallback?: Fallback;
}

export interface AskOptions {
  /** The ticket that pays: its budget counts, and a cost row lands in its partition. */
  readonly ticket?: string;
  /** `P1` is hedged where the route says so. */
  readonly priority?: Priority;
  /** Epoch milliseconds after which nobody waits; the route's own time limit holds as well. */
  readonly deadline?: number;
}

/** A piece of what is said to a model. Text from outside the desk is `untrusted`: marked as data, never as instruction. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'untrusted'; readonly text: string; readonly source: string };

export interface ToolCall {
  /** Unique in its conversation; answered by a result with the same `callId`. */
  readonly id: string;
  readonly name: string;
  readonly arguments: unknown;
  /** Opaque token of the vendor that made the call; hand it back with the call, unchanged. */
  readonly signature?: string;
}

export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  readonly content: string;
  readonly failed?: boolean;
}

export type Message =
  | { readonly role: 'user'; readonly parts: readonly Part[] }
  | { readonly role: 'assistant'; readonly text?: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export interface Tool {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  readonly description: string;
  /** Arguments are checked against it before anybody sees them. */
  readonly input: $ZodType;
}

/** One call of a language model in no vendor's words. */
export interface GenerateRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  /** `auto` unless told otherwise; `any` demands some tool, a name that one. */
  readonly toolChoice?: 'auto' | 'any' | 'none' | { readonly name: string };
  /** The answer's form; `value` is then of it. */
  readonly schema?: { readonly name: string; readonly output: $ZodType };
  readonly maxOutputTokens: number;
}

export interface Generated extends Omit<Answer<unknown>, 'value'> {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `length`: cut off at `maxOutputTokens`. */
  readonly stop: 'end' | 'tool' | 'length';
  /** Parsed by the request's schema; absent without one, and when tools were called instead. */
  readonly value?: unknown;
}

/**
 * Language models behind one port: tasks with schemas instead of prompts, so that an offline model can do them too.
 * Values are checked against the task's schema; no invented category ever leaves the port.
 */
export interface Model {
  /** Throws `UnavailableError` when nobody could answer before the deadline. */
  ask<T extends TaskName>(task: T, input: TaskInput<T>, options?: AskOptions): Promise<Answer<TaskOutput<T>>>;
  /**
   * A free conversation with tools, for agents; absent when no language model is configured (go by `ask` then). Throws
   * `UnavailableError` when no model of the route answers.
   */
  generate?(route: RouteName, request: GenerateRequest, options?: AskOptions): Promise<Generated>;
  /** Looks whether models that were given up answer again; absent when no language model is configured. */
  check?(): Promise<{ readonly open: number; readonly reached: number }>;
}
