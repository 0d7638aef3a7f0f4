import { afterEach, describe, expect, it } from 'vitest';
import type { Metrics } from '../../shared/ports/metrics.ts';
import { type SuiteOptions, suite } from './support.ts';

/** What the far end got of one series since the adapter was opened, whatever the wire format. */
export interface Arrived {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A counter's total, a gauge's last value, a histogram's sum. */
  readonly value: number;
  /** Observations of a histogram, counted over its buckets or values. */
  readonly observations?: number;
}

/** How the far end behaves; adapters without one ignore it. */
export type FarEnd = 'up' | 'refusing' | 'silent' | 'failing' | 'absent';

export interface OpenedMetrics {
  readonly metrics: Metrics & { text(): string };
  arrived(): Promise<readonly Arrived[]>;
  close(): Promise<void>;
}
export type OpenMetrics = (farEnd: FarEnd) => Promise<OpenedMetrics>;

/** What every metrics adapter promises (`shared/ports/metrics.ts`), whichever way the numbers leave. */
export function metricsContract(name: string, open: OpenMetrics, options: SuiteOptions = {}): void {
  suite(`metrics contract: ${name}`, options, () => {
    let opened: OpenedMetrics | undefined;
    const start = async (farEnd: FarEnd = 'up') => {
      opened = await open(farEnd);
      const { metrics, arrived } = opened;
      const series = async (metric: string) => sorted((await arrived()).filter(({ name }) => name === metric));
      return { metrics, arrived, series };
    };
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
    });

    describe('what is counted arrives', () => {
      it('adds up a counter, each label set apart', async () => {
        const { metrics, series } = await start();
        metrics.count('tickets_processed', { status: 'closed', agent: 'billing' });
        metrics.count('tickets_processed', { status: 'closed', agent: 'billing' }, 2);
        metrics.count('tickets_processed', { status: 'handed_over', agent: 'billing' });
        await metrics.flush();
        expect(await series('tickets_processed')).toEqual([
          { name: 'tickets_processed', labels: { status: 'closed', agent: 'billing' }, value: 3 },
          { name: 'tickets_processed', labels: { status: 'handed_over', agent: 'billing' }, value: 1 },
        ]);
      });

      it('keeps fractions of a dollar', async () => {
        const { metrics, series } = await start();
        metrics.count('llm_cost', { model: 'small' }, 0.000_25);
        await metrics.flush();
        expect(await series('llm_cost')).toEqual([{ name: 'llm_cost', labels: { model: 'small' }, value: 0.000_25 }]);
      });

      it('keeps every observation of a histogram and their sum, also beyond the last bucket', async () => {
        const { metrics, series } = await start();
        for (const seconds of [0, 0.25, 0.25, 4, 1e9])
          metrics.observe('ticket_resolution_time', { priority: 'high' }, seconds);
        await metrics.flush();
        expect(await series('ticket_resolution_time')).toEqual([
          { name: 'ticket_resolution_time', labels: { priority: 'high' }, value: 1_000_000_004.5, observations: 5 },
        ]);
      });

      it('keeps the last value of a gauge, below zero too', async () => {
        const { metrics, series } = await start();
        metrics.set('ticket_queue_depth', { queue: 'tickets' }, 12);
        metrics.set('ticket_queue_depth', { queue: 'tickets' }, -3);
        await metrics.flush();
        expect(await series('ticket_queue_depth')).toEqual([
          { name: 'ticket_queue_depth', labels: { queue: 'tickets' }, value: -3 },
        ]);
      });

      it('carries labels unharmed, whatever they are made of', async () => {
        const { metrics, series } = await start();
        const labels = { function: 'say "no"', trigger: 'back\\slash, a=1 {x}', outcome: 'done' };
        const swapped = { function: 'back\\slash, a=1 {x}', trigger: 'say "no"', outcome: 'done' };
        metrics.count('invocations_total', labels);
        metrics.count('invocations_total', swapped, 2);
        await metrics.flush();
        expect(await series('invocations_total')).toEqual(
          sorted([
            { name: 'invocations_total', labels, value: 1 },
            { name: 'invocations_total', labels: swapped, value: 2 },
          ]),
        );
      });

      it('leaves out what makes no sense, and throws nothing', async () => {
        const { metrics, arrived } = await start();
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          metrics.count('llm_cost', { model: 'm' }, value);
          metrics.observe('invocation_seconds', { function: 'f', trigger: 't' }, value);
          metrics.set('ai_service_quota_usage_percent', { model: 'm' }, value);
        }
        metrics.count('llm_cost', { model: 'm' }, -1);
        metrics.observe('invocation_seconds', { function: 'f', trigger: 't' }, -0.001);
        await metrics.flush();
        expect(await arrived()).toEqual([]);
      });

      it('stays bounded when labels are not: 1,000 series and one for the rest, with nothing lost', async () => {
        const { metrics, series } = await start();
        for (let i = 0; i < 1_300; i++) metrics.count('llm_cost', { model: `model-${i}` });
        await metrics.flush();
        const seen = await series('llm_cost');
        expect(seen).toHaveLength(1_001);
        expect(seen.find(({ labels }) => labels['model'] === 'overflow')?.value).toBe(300);
        expect(seen.reduce((total, { value }) => total + value, 0)).toBe(1_300);
      });
    });

    describe('flushing', () => {
      it('twice counts nothing twice', async () => {
        const { metrics, series } = await start();
        metrics.count('agent_coordination_failures_total', { reason: 'deadline' });
        metrics.observe('cloud_service_response_time_seconds', { service: 'store' }, 0.25);
        await metrics.flush();
        await metrics.flush();
        expect((await series('agent_coordination_failures_total')).map(({ value }) => value)).toEqual([1]);
        expect(await series('cloud_service_response_time_seconds')).toMatchObject([{ value: 0.25, observations: 1 }]);
      });

      it('adds what came since the flush before', async () => {
        const { metrics, series } = await start();
        for (let round = 1; round <= 3; round++) {
          metrics.count('tickets_processed', { status: 'closed', agent: 'account' }, round);
          metrics.observe('invocation_seconds', { function: 'f', trigger: 't' }, round);
          await metrics.flush();
        }
        expect((await series('tickets_processed')).map(({ value }) => value)).toEqual([6]);
        expect(await series('invocation_seconds')).toMatchObject([{ value: 6, observations: 3 }]);
      });

      it('keeps what is counted while a flush is under way, by several invocations at once', async () => {
        const { metrics, series } = await start();
        const invocations = Array.from({ length: 8 }, async () => {
          metrics.count('tickets_processed', { status: 'closed', agent: 'technical' });
          const flushed = metrics.flush();
          metrics.count('tickets_processed', { status: 'closed', agent: 'technical' });
          await flushed;
        });
        await Promise.all(invocations);
        await metrics.flush();
        expect((await series('tickets_processed')).map(({ value }) => value)).toEqual([16]);
      });

      it.each(['refusing', 'silent', 'failing', 'absent'] as const)(
        'neither throws nor hangs when the far end is %s',
        async (farEnd) => {
          const { metrics } = await start(farEnd);
          for (let i = 0; i < 3; i++) {
            metrics.count('tickets_processed', { status: 'closed', agent: 'billing' });
            await expect(metrics.flush()).resolves.toBeUndefined();
          }
        },
        5_000,
      );
    });
  });
}

const sorted = (series: readonly Arrived[]): Arrived[] =>
  series.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
