import type { GenerateRequest, Usage } from '../../ports/model.ts';
import type { Admission, Breaker, Outcome } from './breaker.ts';
import type { Budgets, Payer, Reservation } from './budgets.ts';
import type { ModelSettings } from './configuration.ts';
import { type FailureKind, ModelFailure } from './failure.ts';
import type { Limits } from './limits.ts';
import { costOf, estimateTokens } from './prices.ts';
import { sizeOf } from './prompt.ts';
import type { Attempt, Provider, ProviderAnswer } from './provider.ts';
import { checkAnswer, type Kept, toRepair } from './structured.ts';
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

export interface Good extends Kept {
  readonly text: string;
  readonly stop: ProviderAnswer['stop'];
}

/** Everything that stands around a call. */
export interface Guards {
  readonly breaker: Breaker;
  readonly limits: Limits;
  readonly budgets: Budgets;
  readonly provider: (model: ModelSettings) => Promise<Provider>;
  readonly now: () => number;
  /** Told of every attempt at its end. */
  readonly onAttempt: (model: ModelSettings, spent: Spent, ms: number, failure?: ModelFailure) => void;
}

/** Leave to call one model, with the money for it. */
export interface Leave {
  readonly admission: Admission;
  readonly reservation: Reservation;
  readonly estimate: Estimate;
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
  const limited = await guards.limits.take(model, tokensOf(estimate));
  if (limited) {
    await giveUp();
    return { why: 'limit', until: limited.until };
  }
  const cost = costOf(estimate, model.price);
  const reservation = await guards.budgets.reserve(question.id, question.payer, cost, question.deadline);
  if (!reservation) {
    await giveUp();
    guards.limits.settle(model, tokensOf(estimate), 0);
    return { why: 'budget' };
  }
  return { admission: believed, reservation, estimate };
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
  const until = guards.now() + timeoutMs;
  const say = (of: GenerateRequest, by: Leave, ms: number) =>
    metered(guards, model, question, by, ms, (provider, attempt) => provider.generate(model, of, attempt));
  const first = await say(request, leave, timeoutMs);
  const checked = checkAnswer(request, first);
  if (!('wrong' in checked)) return { text: first.text, stop: first.stop, ...checked };
  const repair = toRepair(request, first, checked.wrong);
  const left = until - guards.now();
  const again = left > 0 ? await takeLeave(guards, model, question, estimateOf(model, repair)) : undefined;
  if (!again || 'why' in again) throw new ModelFailure('schema', checked.wrong.join('; '));
  const second = await say(repair, again, left);
  const rechecked = checkAnswer(repair, second);
  if ('wrong' in rechecked) throw new ModelFailure('schema', rechecked.wrong.join('; '));
  return { text: second.text, stop: second.stop, ...rechecked };
}

/** Makes one attempt and tells everybody how it ended. Throws `ModelFailure`. */
export async function metered<A extends { readonly usage: Usage }>(
  guards: Guards,
  model: ModelSettings,
  question: Question,
  { admission, reservation, estimate }: Leave,
  timeoutMs: number,
  act: (provider: Provider, attempt: Attempt) => Promise<A>,
): Promise<A> {
  const began = guards.now();
  const end = async (outcome: Outcome, spent: Spent, charged: Pico, failure?: ModelFailure) => {
    question.spent.push(spent);
    guards.onAttempt(model, spent, guards.now() - began, failure);
    guards.limits.settle(model, tokensOf(estimate), tokensOf(spent.usage));
    await Promise.all([guards.breaker.report(model.key, admission, outcome), reservation.settle(charged)]);
  };
  try {
    const provider = await guards.provider(model);
    const ms = admission.kind === 'probe' ? Math.min(timeoutMs, PROBE_MS) : timeoutMs;
    const answer = await act(provider, { timeoutMs: ms, signal: question.signal });
    const cost = costOf(answer.usage, model.price);
    await end({ kind: 'answered' }, { model: model.key, outcome: 'answered', usage: answer.usage, cost }, cost);
    return answer;
  } catch (thrown) {
    const failure = asFailure(thrown, question.signal);
    const usage = failure.usage ?? { inputTokens: 0, outputTokens: 0 };
    const cost = costOf(usage, model.price);
    // Nobody knows what a lost call cost: its budget is charged with the question, which the vendor has read.
    const lost = failure.lost ? costOf({ ...estimate, outputTokens: 0 }, model.price) : 0n;
    const spent = { model: model.key, outcome: failure.kind, usage, cost };
    await end(outcomeOf(failure), spent, cost > lost ? cost : lost, failure);
    throw failure;
  }
}

const tokensOf = ({ inputTokens, outputTokens }: Estimate): number => inputTokens + outputTokens;

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
