import type { GenerateRequest, ToolCall, Usage } from '../../ports/model.ts';
import type { Admission, Breaker, Outcome } from './breaker.ts';
import type { Budgets, Payer, Reservation } from './budgets.ts';
import type { ModelSettings } from './configuration.ts';
import { type FailureKind, ModelFailure } from './failure.ts';
import type { Limits } from './limits.ts';
import { costOf, estimateTokens } from './prices.ts';
import { sizeOf } from './prompt.ts';
import type { Provider, ProviderAnswer } from './provider.ts';
import { type Checked, checkAnswer, toRepair } from './structured.ts';
import type { Pico } from './usd.ts';

/** What one question brings along through all its attempts. */
export interface Question {
  readonly id: string;
  readonly payer: Payer;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** What was spent so far; every attempt adds to it, also those that fail. */
  readonly spent: Spent[];
}

export interface Spent {
  readonly model: string;
  readonly outcome: 'answered' | FailureKind;
  readonly usage: Usage;
  readonly cost: Pico;
}

export interface Good {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly stop: ProviderAnswer['stop'];
  readonly value?: unknown;
}

/** Everything that stands around a call. */
export interface Guards {
  readonly breaker: Breaker;
  readonly limits: Limits;
  readonly budgets: Budgets;
  readonly provider: (model: ModelSettings) => Promise<Provider>;
  readonly now: () => number;
  /** Told of every attempt at its end. */
  readonly onAttempt: (model: ModelSettings, spent: Spent, ms: number) => void;
}

/** Leave to call one model, with the money for it. */
export interface Leave {
  readonly admission: Admission;
  readonly reservation: Reservation;
  readonly estimatedTokens: number;
}

export type Refusal =
  | { readonly why: 'open' | 'cooling' | 'limit'; readonly until: number }
  | { readonly why: 'budget' };

/** A probe that takes longer than this has failed. */
const PROBE_MS = 10_000;

export interface Estimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const estimateOf = (model: ModelSettings, request: GenerateRequest): Estimate => ({
  inputTokens: estimateTokens(sizeOf(request)),
  outputTokens: request.maxOutputTokens + model.thinkingTokens,
});

/** Asks everybody who may say no, in the order in which a no costs least; what was taken before a no is given back. */
export async function takeLeave(
  guards: Guards,
  model: ModelSettings,
  question: Question,
  estimate: Estimate,
): Promise<Leave | Refusal> {
  const believed = await guards.breaker.admit(model.key);
  if (believed.kind === 'wait') return { why: believed.why, until: believed.until };
  const giveUp = () => guards.breaker.report(model.key, believed, { kind: 'unknown' });
  const estimatedTokens = estimate.inputTokens + estimate.outputTokens;
  const limited = await guards.limits.take(model, estimatedTokens);
  if (limited) {
    await giveUp();
    return { why: 'limit', until: limited.until };
  }
  const cost = costOf(estimate, model.price);
  const reservation = await guards.budgets.reserve(question.id, question.payer, cost, question.deadline);
  if (!reservation) {
    await giveUp();
    guards.limits.settle(model, estimatedTokens, 0);
    return { why: 'budget' };
  }
  return { admission: believed, reservation, estimatedTokens };
}

/**
 * One call of one model, with one repair of an answer that does not keep to the form. Throws `ModelFailure`. Whatever
 * happens, breaker, limits and budgets hear of it.
 */
export async function callModel(
  guards: Guards,
  model: ModelSettings,
  request: GenerateRequest,
  question: Question,
  leave: Leave,
  timeoutMs: number,
): Promise<Good> {
  const most = leave.admission.kind === 'probe' ? Math.min(timeoutMs, PROBE_MS) : timeoutMs;
  const until = guards.now() + most;
  const first = await attempt(guards, model, request, question, leave, most);
  const checked = checkAnswer(request, first);
  if (!('wrong' in checked)) return good(first, checked);
  const repair = toRepair(request, first, checked.wrong);
  const left = until - guards.now();
  const again = left > 0 ? await takeLeave(guards, model, question, estimateOf(model, repair)) : undefined;
  if (!again || 'why' in again) throw new ModelFailure('schema', checked.wrong.join('; '));
  const second = await attempt(guards, model, repair, question, again, left);
  const rechecked = checkAnswer(request, second);
  if ('wrong' in rechecked) throw new ModelFailure('schema', rechecked.wrong.join('; '));
  return good(second, rechecked);
}

const good = ({ text, stop, toolCalls }: ProviderAnswer, checked: Checked): Good => {
  const value = 'value' in checked ? { value: checked.value } : {};
  return { text, stop, ...value, toolCalls: 'toolCalls' in checked ? checked.toolCalls : toolCalls };
};

async function attempt(
  guards: Guards,
  model: ModelSettings,
  request: GenerateRequest,
  question: Question,
  { admission, reservation, estimatedTokens }: Leave,
  timeoutMs: number,
): Promise<ProviderAnswer> {
  const began = guards.now();
  const end = async (outcome: Outcome, spent: Spent, charged: Pico) => {
    question.spent.push(spent);
    guards.onAttempt(model, spent, guards.now() - began);
    guards.limits.settle(model, estimatedTokens, spent.usage.inputTokens + spent.usage.outputTokens);
    await Promise.all([guards.breaker.report(model.key, admission, outcome), reservation.settle(charged)]);
  };
  try {
    const provider = await guards.provider(model);
    const answer = await provider.generate(model, request, { timeoutMs, signal: question.signal });
    const cost = costOf(answer.usage, model.price);
    await end({ kind: 'answered' }, { model: model.key, outcome: 'answered', usage: answer.usage, cost }, cost);
    return answer;
  } catch (thrown) {
    const failure = asFailure(thrown, question.signal);
    const usage = failure.usage ?? { inputTokens: 0, outputTokens: 0 };
    const cost = costOf(usage, model.price);
    // Nobody knows what a lost call cost: its budget is charged with the question, which the vendor has read.
    const lost = failure.lost ? costOf({ ...estimateOf(model, request), outputTokens: 0 }, model.price) : 0n;
    const spent = { model: model.key, outcome: failure.kind, usage, cost };
    await end(outcomeOf(failure), spent, cost > lost ? cost : lost);
    throw failure;
  }
}

function asFailure(thrown: unknown, signal: AbortSignal): ModelFailure {
  if (signal.aborted) return new ModelFailure('aborted', 'nobody waits any more', { lost: true, cause: thrown });
  if (thrown instanceof ModelFailure) return thrown;
  const name = thrown instanceof Error ? thrown.name : 'Error';
  // A vendor's library that is not there, or a mistake of ours: no other model suffers from it.
  return new ModelFailure('denied', `cannot be called (${name})`, { cause: thrown });
}

function outcomeOf(failure: ModelFailure): Outcome {
  if (failure.kind === 'down') return { kind: 'failed' };
  if (failure.kind === 'throttled') return { kind: 'throttled', retryAfterMs: failure.retryAfterMs };
  if (failure.kind === 'aborted') return { kind: 'unknown' };
  return { kind: 'neutral' };
}
