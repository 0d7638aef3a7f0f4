import { sweep } from '../../../shared/pipeline/sweep.ts';
import { systemClock } from '../../../shared/ports/clock.ts';
import type { Runtime } from '../../../shared/runtime.ts';
import type { Figure, Measure } from '../measure.ts';
import { type StoreName, withStore } from './stores.ts';

/** The sweeper's schedule: every minute. */
const SWEEPS_AN_HOUR = 60;
const HOURS_A_MONTH = 730;

interface Bill {
  readonly store: StoreName;
  /** Billed units of one query that finds nothing. */
  readonly units: number;
  readonly unit: string;
  /** US dollars for a million of them. */
  readonly perMillion: number;
}

/**
 * List prices in US dollars without free tiers, noted on 2026-11-21 from stored copies of public pages, not from a bill.
 * The price of Cosmos DB and its charge for an empty query are estimates: our peer cannot tell real request units.
 */
const BILLS: Readonly<Record<string, Bill>> = {
  // An eventually consistent query is half a read request unit at least, 0.125 USD a million in us-east-1:
  // https://aws.amazon.com/dynamodb/pricing/on-demand/
  aws: { store: 'dynamodb', units: 0.5, unit: 'RRU', perMillion: 0.125 },
  // Serverless, about 0.25 USD a million; a query without results takes 2 to 3 request units in one physical partition:
  // https://azure.microsoft.com/pricing/details/cosmos-db/serverless/
  azure: { store: 'cosmos', units: 2.8, unit: 'RU', perMillion: 0.25 },
  // A query without results is one read, 0.06 USD a hundred thousand in a multi-region (half of that in most regions):
  // https://cloud.google.com/firestore/pricing
  gcp: { store: 'firestore', units: 1, unit: 'reads', perMillion: 0.6 },
};

/** Requests that the sweeper of an idle desk makes in an hour, with what the cloud bills for them; a figure without a bar. */
export const idleMeasure = (cloud: string, { store: name, units, unit, perMillion }: Bill): Measure => ({
  names: [`idle.requests.hour.${cloud}`],
  run: () =>
    withStore(name, async ({ store, proxy }): Promise<Figure[]> => {
      const nothing = async () => {
        throw new Error('An idle desk sends nothing');
      };
      const ports = { store, clock: systemClock, queue: { send: nothing }, bus: { publish: nothing } };
      const runtime = ports as unknown as Runtime; // a sweep that finds nothing touches no more than these
      await sweep(runtime); // what is learned once for an instance
      proxy.forget();
      await sweep(runtime);
      const value = proxy.count() * SWEEPS_AN_HOUR;
      const dollars = (value * units * HOURS_A_MONTH * perMillion) / 1e6;
      const note = `${value * units} ${unit} an hour, ${dollars.toFixed(2)} USD a month at ${perMillion} USD a million`;
      return [
        { name: `idle.requests.hour.${cloud}`, value, unit: 'requests', baseline: null, bar: null, ok: true, note },
      ];
    }),
});

export const idleMeasures: readonly Measure[] = Object.entries(BILLS).map(([cloud, bill]) => idleMeasure(cloud, bill));
