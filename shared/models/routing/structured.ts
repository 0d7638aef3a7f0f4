import * as z from 'zod/v4/core';
import type { GenerateRequest, ToolCall } from '../../ports/model.ts';
import { describeIssues } from '../../schema.ts';
import type { ProviderAnswer } from './provider.ts';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

const known = new WeakMap<z.$ZodType, JsonSchema>();

/** Limits of values that the vendors' strict modes refuse or ignore; ours are checked on the answer. */
const DROPPED = new Set([
  '$schema',
  'default',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maximum',
  'maxItems',
  'maxLength',
  'minimum',
  'minItems',
  'minLength',
  'multipleOf',
  'pattern',
]);

/**
 * A schema as all vendors' strict modes take it: every member required (those that may be absent are `null` then), no
 * others allowed, no limits of values.
 */
export function toStrictSchema(schema: z.$ZodType): JsonSchema {
  let made = known.get(schema);
  if (!made) {
    // The generator's type has every keyword of every draft; here it is read as plain JSON.
    made = tighten(z.toJSONSchema(schema, { io: 'output' }) as JsonSchema) as JsonSchema;
    known.set(schema, made);
  }
  return made;
}

function tighten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tighten);
  if (!isObject(value)) return value;
  const properties = value['properties'];
  const kept = Object.entries(value).filter(([keyword]) => !DROPPED.has(keyword) && keyword !== 'properties');
  const rest = Object.fromEntries(kept.map(([keyword, inner]) => [keyword, tighten(inner)]));
  if (!isObject(properties)) return rest;
  const required = new Set(Array.isArray(value['required']) ? value['required'] : []);
  const tightened = Object.entries(properties).map(([name, inner]) => {
    const one = tighten(inner);
    return [name, required.has(name) ? one : { anyOf: [one, { type: 'null' }] }];
  });
  return {
    ...rest,
    properties: Object.fromEntries(tightened),
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members that are `null` where the strict form demanded something for "absent", taken away again. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(present.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** Parses as it is, else with nulls taken for absent. */
function parse(schema: z.$ZodType, value: unknown): { value: unknown } | { wrong: string[] } {
  const first = z.safeParse(schema, value);
  if (first.success) return { value: first.data };
  const second = z.safeParse(schema, withoutNulls(value));
  return second.success ? { value: second.data } : { wrong: describeIssues(first.error) };
}

/** What an answer that kept to the form holds. */
export interface Kept {
  readonly value?: unknown;
  readonly toolCalls: readonly ToolCall[];
}

/** An answer that kept to the form, or what is wrong with it in words that the model can act on. */
export type Checked = Kept | { readonly wrong: readonly string[] };

export function checkAnswer(request: GenerateRequest, answer: ProviderAnswer): Checked {
  if (answer.toolCalls.length > 0) return checkToolCalls(request, answer.toolCalls);
  const { toolChoice } = request;
  if (toolChoice === 'any' || typeof toolChoice === 'object') return { wrong: ['a tool had to be called'] };
  if (!request.schema) return { toolCalls: [] };
  if (answer.stop === 'length') return { wrong: ['the answer was cut off before its end; make it shorter'] };
  const json = readJson(answer.text);
  if (json === undefined) return { wrong: ['the answer is no JSON'] };
  const parsed = parse(request.schema.output, json.value);
  return 'wrong' in parsed ? parsed : { value: parsed.value, toolCalls: [] };
}

function checkToolCalls({ tools = [] }: GenerateRequest, calls: readonly ToolCall[]): Checked {
  const wrong: string[] = [];
  const checked = calls.flatMap((call) => {
    const tool = tools.find(({ name }) => name === call.name);
    if (!tool)
      wrong.push(`there is no tool of the name that was called; there are ${tools.map(({ name }) => name).join(', ')}`);
    const parsed = tool ? parse(tool.input, call.arguments) : undefined;
    if (parsed && 'wrong' in parsed) wrong.push(...parsed.wrong.map((issue) => `${call.name}: ${issue}`));
    return parsed && 'value' in parsed ? [{ ...call, arguments: parsed.value }] : [];
  });
  return wrong.length > 0 ? { wrong } : { toolCalls: checked };
}

/** The JSON in an answer, also from inside a fenced block, which models without a mode of their own like to make. */
function readJson(text: string): { value: unknown } | undefined {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)?.[1];
  try {
    return { value: JSON.parse(fenced ?? text) };
  } catch {
    return undefined;
  }
}

/** The request that asks once more, with the answer that was wrong and what was wrong with it. */
export function toRepair(request: GenerateRequest, answer: ProviderAnswer, wrong: readonly string[]): GenerateRequest {
  const said = answer.text || JSON.stringify(answer.toolCalls.map(({ name, arguments: input }) => ({ name, input })));
  const text = [
    'Your last answer cannot be used:',
    ...wrong.map((issue) => `- ${issue}`),
    'Answer the same question again, in exactly the form that was asked for, and with nothing else.',
  ].join('\n');
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', text: said.slice(0, 20_000) || '(nothing)' },
      { role: 'user', parts: [{ kind: 'text', text }] },
    ],
  };
}
