import { randomInt } from 'node:crypto';
import type { ModelSettings, Route, WeightedModel } from './configuration.ts';
import { toPico } from './usd.ts';

const RANGE = 2 ** 40;
/** Evenly in [0, 1). */
const random = (): number => randomInt(RANGE) / RANGE;

/** The models of a route in the order in which to try them: the primary ones by weight, then the fall-backs by weight. */
export function inOrder(route: Route): ModelSettings[] {
  return [...new Set([...byWeight(route.models), ...byWeight(route.fallbacks)])];
}

/** Drawn without putting back: a model of twice the weight is first twice as often. */
function byWeight(choices: readonly WeightedModel[]): ModelSettings[] {
  if (choices.length < 2) return choices.map(({ model }) => model);
  // Efraimidis and Spirakis: the largest u^(1/weight) first is a weighted draw (doi:10.1016/j.ipl.2005.11.003).
  return choices
    .map(({ model, weight }) => ({ model, rank: random() ** (1 / weight) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ model }) => model);
}

/** The same models, the cheapest first, by a question of three parts and an answer of one. */
export const cheapestFirst = (models: readonly ModelSettings[]): ModelSettings[] =>
  models.toSorted((a, b) => (mixed(a) < mixed(b) ? -1 : mixed(a) > mixed(b) ? 1 : 0));

const mixed = ({ price }: ModelSettings): bigint => 3n * toPico(price.input) + toPico(price.output);

/** Milliseconds to wait before the n-th round, drawn evenly up to a doubling bound. */
export const backOff = (round: number): number => randomInt(1, Math.min(4_000, 200 * 2 ** round));
