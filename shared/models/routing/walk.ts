import type { Clock } from '../../ports/clock.ts';
import type { RouteName } from '../tasks.ts';
import { type Estimate, type Guards, type Leave, type Question, takeLeave } from './call.ts';
import { backOff, cheapestFirst, inOrder } from './candidates.ts';
import type { ModelSettings, Route } from './configuration.ts';
import { ModelFailure } from './failure.ts';

export interface Found<T> {
  readonly result: T;
  readonly model: ModelSettings;
  readonly fallback: 'model' | 'cheaper' | undefined;
}

/** What is done with a model of the route, with leave to do it, within so many milliseconds. */
export interface Deed<T> {
  readonly estimate: (model: ModelSettings) => Estimate;
  readonly perform: (model: ModelSettings, leave: Leave, question: Question, timeoutMs: number) => Promise<T>;
}

export interface Walk {
  readonly route: Route;
  readonly task: RouteName;
  /** Milliseconds after which a second model is asked as well. */
  readonly hedgeAfterMs?: number | undefined;
  /** Models that may not answer this question are left out. */
  readonly suits?: (model: ModelSettings) => boolean;
}

/** Nobody waits longer than this for a model to come back; the next best answer is better. */
const PATIENCE_MS = 5_000;
/** With less time than this left no call is begun. */
const LEAST_MS = 250;
/** A model that does not know us is left alone by this instance for so long. */
const DENIED_MS = 60_000;

/** The one loop of retries: through the models of a route, and again after a wait, until one has answered. */
export function createWalk(guards: Guards, clock: Clock) {
  const deniedUntil = new Map<string, number>();

  /** `undefined` when no model answered within the attempts, the time and the budget. */
  return async <T>(walk: Walk, question: Question, deed: Deed<T>): Promise<Found<T> | undefined> => {
    const { route } = walk;
    const ordered = inOrder(route).filter(walk.suits ?? (() => true));
    const pressed = guards.budgets.isPressed(question.payer);
    const models = pressed ? cheapestFirst(ordered) : ordered;
    /** Will not answer this question any more. */
    const out = new Set<ModelSettings>();
    let [attempts, tooDear] = [0, false];
    const left = () => question.deadline - clock.now();
    const mayCall = () => attempts < route.attempts && left() > LEAST_MS && !question.signal.aborted;

    const found = (result: T, model: ModelSettings): Found<T> => {
      const fallback = model === ordered[0] ? undefined : pressed || tooDear ? 'cheaper' : 'model';
      return { result, model, fallback };
    };

    /** Epoch milliseconds from which on the model may be asked, or that it has answered. */
    async function ask(model: ModelSettings, others: number, of: Question, round: number): Promise<Found<T> | number> {
      const denied = deniedUntil.get(model.key) ?? 0;
      if (denied > clock.now()) return denied;
      const leave = await takeLeave(guards, model, of, deed.estimate(model));
      if ('why' in leave) {
        if (leave.why !== 'budget') return leave.until;
        tooDear = true;
        return Number.POSITIVE_INFINITY;
      }
      attempts += 1;
      // A model that hangs must leave time for the next one.
      const share = others > 0 && attempts < route.attempts ? left() / 2 : left();
      try {
        return found(await deed.perform(model, leave, of, Math.max(1, Math.min(model.timeoutMs, share))), model);
      } catch (error) {
        if (!(error instanceof ModelFailure)) throw error;
        if (error.kind === 'down') return clock.now() + backOff(round);
        if (error.kind === 'throttled') return clock.now() + (error.retryAfterMs ?? backOff(round + 2));
        if (error.kind === 'denied') deniedUntil.set(model.key, clock.now() + DENIED_MS);
        out.add(model);
        return Number.POSITIVE_INFINITY;
      }
    }

    /** The first model, and after a while the second as well; the first answer counts, the other call is broken off. */
    async function hedge(first: ModelSettings, second: ModelSettings, others: number, afterMs: number) {
      const stops = [new AbortController(), new AbortController()] as const;
      const over = new AbortController();
      const one = ask(first, others, { ...question, signal: AbortSignal.any([question.signal, stops[0].signal]) }, 0);
      const other = clock.sleep(afterMs, over.signal).then(
        () =>
          mayCall()
            ? ask(second, others, { ...question, signal: AbortSignal.any([question.signal, stops[1].signal]) }, 0)
            : Number.POSITIVE_INFINITY,
        () => Number.POSITIVE_INFINITY,
      );
      const firstEnd = one.then((end) => {
        if (typeof end !== 'number') stops[1].abort();
        over.abort();
        return end;
      });
      const otherEnd = other.then((end) => {
        if (typeof end !== 'number') stops[0].abort();
        return end;
      });
      const ends = await Promise.all([firstEnd, otherEnd]);
      const good = ends.find((end) => typeof end !== 'number');
      return good ?? Math.min(...ends.filter((end) => typeof end === 'number'));
    }

    for (let round = 0; ; round++) {
      let soonest = Number.POSITIVE_INFINITY;
      for (const [i, model] of models.entries()) {
        if (out.has(model) || !mayCall()) continue;
        const others = models.slice(i + 1).filter((other) => !out.has(other));
        const [second] = others;
        const end =
          walk.hedgeAfterMs !== undefined && second && attempts === 0
            ? await hedge(model, second, others.length, walk.hedgeAfterMs)
            : await ask(model, others.length, question, round);
        if (typeof end !== 'number') return end;
        soonest = Math.min(soonest, end);
      }
      const wait = Math.max(0, soonest - clock.now());
      if (!mayCall() || wait > PATIENCE_MS || wait + LEAST_MS > left()) return undefined;
      const slept = await clock.sleep(wait, question.signal).then(
        () => true,
        () => false,
      );
      if (!slept) return undefined;
    }
  };
}
