import { expect, it } from 'vitest';
import { openMetrics } from '../../shared/clouds/local/metrics.ts';
import { METRIC_KINDS } from '../../shared/ports/metrics.ts';

const linesOf = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(name));

it('names and explains every promised metric before anything was counted', () => {
  const text = openMetrics({}).text();
  for (const [name, kind] of Object.entries(METRIC_KINDS)) {
    expect(text).toContain(`# TYPE ${name} ${kind}\n`);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.+$`, 'm'));
  }
  expect(text.endsWith('\n')).toBe(true);
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([]);
});

it('writes counters under their promised names, with or without _total', () => {
  const metrics = openMetrics({});
  metrics.count('tickets_processed', { agent: 'billing', status: 'closed' });
  metrics.count('agent_coordination_failures_total', { reason: 'deadline' }, 2);
  expect(linesOf(metrics.text(), 'tickets_processed')).toEqual([
    'tickets_processed{status="closed",agent="billing"} 1',
  ]);
  expect(linesOf(metrics.text(), 'agent_coordination_failures_total')).toEqual([
    'agent_coordination_failures_total{reason="deadline"} 2',
  ]);
});

it('escapes backslash, quote and line break in labels', () => {
  const metrics = openMetrics({});
  metrics.set('ticket_queue_depth', { queue: 'a\\b"c\nd' }, 1);
  expect(linesOf(metrics.text(), 'ticket_queue_depth')).toEqual(['ticket_queue_depth{queue="a\\\\b\\"c\\nd"} 1']);
});

it('writes a histogram with cumulative buckets, sum and count', () => {
  const metrics = openMetrics({});
  for (const seconds of [0.5, 2, 700_000]) metrics.observe('ticket_resolution_time', { priority: 'high' }, seconds);
  expect(linesOf(metrics.text(), 'ticket_resolution_time')).toEqual([
    'ticket_resolution_time_bucket{priority="high",le="0.1"} 0',
    'ticket_resolution_time_bucket{priority="high",le="0.5"} 1',
    'ticket_resolution_time_bucket{priority="high",le="1"} 1',
    ...['5', '15', '60', '300', '900', '3600', '14400', '43200', '86400', '259200', '604800'].map(
      (le) => `ticket_resolution_time_bucket{priority="high",le="${le}"} 2`,
    ),
    'ticket_resolution_time_bucket{priority="high",le="+Inf"} 3',
    'ticket_resolution_time_sum{priority="high"} 700002.5',
    'ticket_resolution_time_count{priority="high"} 3',
  ]);
});
