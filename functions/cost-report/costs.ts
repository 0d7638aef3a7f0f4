import type { Charge } from '../../shared/domain/charge.ts';
import { compareDecimals, type Money, sumDecimals } from '../../shared/domain/money.ts';
import { badRequest } from '../../shared/errors.ts';
import type { Estate } from '../../shared/ports/estate.ts';
import type { DIMENSIONS } from './function.ts';

export type Dimension = (typeof DIMENSIONS)[number];

const DAY_MS = 24 * 3_600_000;
/** Longer questions need the analytical data, not a walk through charges. */
const MOST_DAYS = 400;

const VALUE: { readonly [D in Dimension]: (charge: Charge) => string } = {
  provider: (charge) => charge.ServiceProviderName,
  service: (charge) => charge.ServiceName,
  region: (charge) => charge.RegionId ?? 'none',
  account: (charge) => charge.BillingAccountId,
  environment: (charge) => charge.Tags['environment'] ?? 'untagged',
};

export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Whole days in UTC, the end exclusive; the last 30 days unless told otherwise. Throws on periods that make no sense. */
export function periodOf(query: { from?: string | undefined; to?: string | undefined }, now: number): Period {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const to = query.to === undefined ? today : Date.parse(query.to);
  const from = query.from === undefined ? to - 30 * DAY_MS : Date.parse(query.from);
  if (from >= to) throw badRequest('The period must begin before it ends; its end is exclusive');
  if (to - from > MOST_DAYS * DAY_MS) throw badRequest(`The period has more than ${MOST_DAYS} days`);
  return { from, to };
}

export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Billed cost by a dimension and currency, the dearest first; currencies are never added together. */
export async function breakDown(
  estate: Estate,
  period: Period,
  by: Dimension,
): Promise<{ name: string; cost: Money }[]> {
  const groups = new Map<string, { name: string; currency: string; amounts: string[] }>();
  for await (const page of estate.charges(period.from, period.to))
    for (const charge of page) {
      const name = VALUE[by](charge);
      const key = `${charge.BillingCurrency} ${name}`;
      const group = groups.get(key);
      if (group) group.amounts.push(charge.BilledCost);
      else groups.set(key, { name, currency: charge.BillingCurrency, amounts: [charge.BilledCost] });
    }
  return [...groups.values()]
    .map(({ name, currency, amounts }) => ({ name, cost: { amount: sumDecimals(amounts), currency } }))
    .sort((a, b) => compareDecimals(b.cost.amount, a.cost.amount) || (a.name < b.name ? -1 : 1));
}

/** One total for each currency. */
export function totalsOf(items: readonly { cost: Money }[]): Money[] {
  const byCurrency = Map.groupBy(items, (item) => item.cost.currency);
  return [...byCurrency].map(([currency, group]) => ({
    amount: sumDecimals(group.map((item) => item.cost.amount)),
    currency,
  }));
}
