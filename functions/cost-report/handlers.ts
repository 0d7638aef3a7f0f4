import type { output } from 'zod/v4/core';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { put } from '../../shared/pipeline/writes.ts';
import { breakDown, dateOf, type Period, periodOf, totalsOf } from './costs.ts';
import type { costReport, Overview } from './function.ts';

type Ctx = ContextOf<typeof costReport>;
type OverviewOf = output<typeof Overview>;
interface Report {
  readonly id: string;
  readonly madeAt: number;
  readonly overview: OverviewOf;
}

async function overviewOf(period: Period, ctx: Ctx): Promise<OverviewOf> {
  const byProvider = await breakDown(ctx.estate, period, 'provider');
  return { from: dateOf(period.from), to: dateOf(period.to), total: totalsOf(byProvider), byProvider, sample: true };
}

/** Makes and keeps the report of a month; made again it takes the place of the one before. */
async function makeReport(month: string, ctx: Ctx): Promise<void> {
  const from = Date.parse(`${month}-01T00:00:00Z`);
  const to = Date.UTC(new Date(from).getUTCFullYear(), new Date(from).getUTCMonth() + 1, 1);
  const report: Report = {
    id: `report-${month}`,
    madeAt: ctx.clock.now(),
    overview: await overviewOf({ from, to }, ctx),
  };
  await ctx.commit(`report/${month}`, {
    writes: [put('report', { ...report }, 'any', { indexes: { i1: { hash: 'report', sort: month } } })],
  });
}

/** The month before the one that holds `at`, as `2026-10`. */
const monthBefore = (at: number): string => {
  const date = new Date(at);
  return dateOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1)).slice(0, 7);
};

export const handlers: Handlers<typeof costReport> = {
  http: {
    'GET /api/cloud/costs/overview': async ({ query }, ctx) => overviewOf(periodOf(query, ctx.clock.now()), ctx),
    'GET /api/cloud/costs/breakdown': async ({ query }, ctx) => {
      const period = periodOf(query, ctx.clock.now());
      const items = await breakDown(ctx.estate, period, query.by);
      return { from: dateOf(period.from), to: dateOf(period.to), by: query.by, items, sample: true };
    },
    'GET /api/cloud/costs/reports': async (_, ctx) => {
      const { items } = await ctx.read.find<Report>('i1', 'report', '', { reverse: true, limit: 24 });
      return { items: items.map((item) => item.value) };
    },
  },
  make: async ({ month }, ctx) => makeReport(month, ctx),
  // What a new inventory means for the month under way is seen in its report.
  discovered: async (_, ctx) => makeReport(dateOf(ctx.clock.now()).slice(0, 7), ctx),
  monthly: async ({ at }, ctx) => makeReport(monthBefore(at), ctx),
  total: async (query, ctx) => overviewOf(periodOf(query, ctx.clock.now()), ctx),
};
