import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../shared/metrics/catalog.ts';
import type { Collected } from '../../shared/metrics/metric.ts';
import { createRegistry } from '../../shared/metrics/registry.ts';
import { METRIC_KINDS } from '../../shared/ports/metrics.ts';

const one = (collected: readonly Collected[], name: string) => collected.find(({ family }) => family.name === name);

describe('the registry', () => {
  it('counts an observation in the bucket whose upper bound it equals', () => {
    const registry = createRegistry();
    for (const seconds of [0.5, 0.500_1, 1]) registry.observe('ticket_resolution_time', { priority: 'low' }, seconds);
    const [distribution] = one(registry.snapshot(), 'ticket_resolution_time')?.distributions ?? [];
    const bounds = one(registry.snapshot(), 'ticket_resolution_time')?.family.buckets ?? [];
    expect(distribution?.counts[bounds.indexOf(0.5)]).toBe(1);
    expect(distribution?.counts[bounds.indexOf(1)]).toBe(2);
    expect(distribution).toMatchObject({ count: 3, min: 0.5, max: 1 });
  });

  it('drains differences to the last cent', () => {
    const registry = createRegistry();
    registry.count('llm_cost', { model: 'm' }, 0.2);
    registry.drain();
    registry.count('llm_cost', { model: 'm' }, 0.1);
    expect(one(registry.drain(), 'llm_cost')?.samples).toEqual([{ labels: ['m'], value: 0.1 }]);
  });

  it('drains a gauge only when it was set again, even to the same value', () => {
    const registry = createRegistry();
    registry.set('ticket_queue_depth', { queue: 'q' }, 4);
    expect(registry.drain()).toHaveLength(1);
    expect(registry.drain()).toEqual([]);
    registry.set('ticket_queue_depth', { queue: 'q' }, 4);
    expect(one(registry.drain(), 'ticket_queue_depth')?.samples).toEqual([{ labels: ['q'], value: 4 }]);
  });

  it('gives a drain the least and greatest of its own time only', () => {
    const registry = createRegistry();
    const labels = { function: 'f', trigger: 't' };
    registry.observe('invocation_seconds', labels, 9);
    registry.drain();
    registry.observe('invocation_seconds', labels, 2);
    expect(one(registry.drain(), 'invocation_seconds')?.distributions).toMatchObject([{ min: 2, max: 2, sum: 2 }]);
    expect(one(registry.snapshot(), 'invocation_seconds')?.distributions).toMatchObject([{ min: 2, max: 9, sum: 11 }]);
  });

  it('never loses or doubles: all drains together are the snapshot, in whatever order things happen', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          model: fc.constantFrom('a', 'b', 'overflow', ''),
          by: fc.integer({ min: 1, max: 1e6 }),
        }),
      },
      { weight: 1, arbitrary: fc.constant('drain' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const registry = createRegistry();
        const drained = new Map<string, number>();
        const drain = () => {
          for (const { samples, distributions } of registry.drain()) {
            for (const { labels, value } of samples)
              drained.set(`n${labels[0]}`, (drained.get(`n${labels[0]}`) ?? 0) + value);
            for (const { labels, sum } of distributions)
              drained.set(`s${labels[0]}`, (drained.get(`s${labels[0]}`) ?? 0) + sum);
          }
        };
        for (const each of steps) {
          if (each === 'drain') drain();
          else {
            registry.count('llm_cost', { model: each.model }, each.by);
            registry.observe('ticket_resolution_time', { priority: each.model }, each.by);
          }
        }
        drain();
        const whole = new Map<string, number>();
        for (const { samples, distributions } of registry.snapshot()) {
          for (const { labels, value } of samples) whole.set(`n${labels[0]}`, value);
          for (const { labels, sum } of distributions) whole.set(`s${labels[0]}`, sum);
        }
        expect(drained).toEqual(whole);
      }),
    );
  });

  it('keeps the 1,000 series that came first when others come', () => {
    const registry = createRegistry();
    for (let i = 0; i < 1_100; i++) registry.set('ticket_queue_depth', { queue: `q${i}` }, i);
    registry.set('ticket_queue_depth', { queue: 'q3' }, -1);
    const samples = one(registry.snapshot(), 'ticket_queue_depth')?.samples ?? [];
    expect(samples).toHaveLength(1_001);
    expect(samples[3]).toEqual({ labels: ['q3'], value: -1 });
    expect(samples.at(-1)).toEqual({ labels: ['overflow'], value: 1_099 });
  });
});

describe('the catalogue', () => {
  it('describes every metric of the port, once', () => {
    expect(FAMILIES.map(({ name, kind }) => [name, kind])).toEqual(Object.entries(METRIC_KINDS));
  });

  it.each(FAMILIES.filter(({ kind }) => kind === 'histogram'))(
    'has ascending buckets for $name, few enough for CloudWatch',
    ({ buckets }) => {
      expect(buckets).toEqual([...new Set(buckets)].toSorted((a, b) => a - b));
      expect(buckets.length).toBeGreaterThan(5);
      expect(buckets.length).toBeLessThan(100);
    },
  );
});
