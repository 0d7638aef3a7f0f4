import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toEmf } from '../../shared/metrics/emf.ts';
import { createRegistry, type Registry } from '../../shared/metrics/registry.ts';

const ROOT = new URL('../../', import.meta.url);

/** The lines, read again, of what `record` counts. */
function documents(record: (registry: Registry) => void): Record<string, unknown>[] {
  const registry = createRegistry();
  record(registry);
  return toEmf(registry.drain(), 1_700_000_000_000).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('embedded metrics', () => {
  it('have namespace, dimensions, unit and the values at the root', () => {
    const seen = documents((r) => r.count('tickets_processed', { status: 'closed', agent: 'billing' }, 2));
    expect(seen).toEqual([
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Trifold',
              Dimensions: [['status', 'agent']],
              Metrics: [{ Name: 'tickets_processed', Unit: 'Count' }],
            },
          ],
        },
        status: 'closed',
        agent: 'billing',
        tickets_processed: 2,
      },
    ]);
  });

  it('share a line when they share all dimensions, and never otherwise', () => {
    const seen = documents((r) => {
      r.count('llm_cost', { model: 'a' }, 0.5);
      r.set('ai_service_quota_usage_percent', { model: 'a' }, 80);
      r.count('llm_cost', { model: 'b' }, 0.25);
    });
    expect(seen).toMatchObject([
      { model: 'a', llm_cost: 0.5, ai_service_quota_usage_percent: 80 },
      { model: 'b', llm_cost: 0.25 },
    ]);
    expect(seen[0]).toHaveProperty('_aws.CloudWatchMetrics.0.Metrics', [
      { Name: 'llm_cost', Unit: 'None' },
      { Name: 'ai_service_quota_usage_percent', Unit: 'Percent' },
    ]);
  });

  it('keep a single observation a number', () => {
    const seen = documents((r) => r.observe('invocation_seconds', { function: 'f', trigger: 't' }, 0.123));
    expect(seen).toMatchObject([{ invocation_seconds: 0.123 }]);
  });

  it('carry several observations as values and counts whose sum is exact', () => {
    const seen = documents((r) => {
      for (const seconds of [0.25, 0.375, 0.5, 64])
        r.observe('invocation_seconds', { function: 'f', trigger: 't' }, seconds);
    });
    expect(seen).toMatchObject([
      {
        invocation_seconds: {
          Values: [0.25, 0.4375, 64],
          Counts: [1, 2, 1],
          Count: 4,
          Sum: 65.125,
          Min: 0.25,
          Max: 64,
        },
      },
    ]);
  });

  it('have dimensions that CloudWatch takes: not empty, printable ASCII, at most 1,024 characters', () => {
    const models = ['', '   ', 'größe\n', 'm'.repeat(2_000)];
    const seen = documents((r) => {
      for (const model of models) r.count('llm_cost', { model });
    });
    expect(seen.map(({ model }) => model)).toEqual(['none', 'none', 'gr??e?', 'm'.repeat(1_024)]);
  });
});

it('are plain lines on the standard output of a process, and nothing else is', () => {
  const script = `
    import { openMetrics } from './shared/clouds/aws/metrics.ts';
    const metrics = openMetrics(process.env);
    metrics.count('llm_cost', { model: 'a' });
    metrics.count('llm_cost', { model: 'b' });
    await metrics.flush();
    await metrics.flush();
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  const lines = output.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { model: string }).model)).toEqual(['a', 'b']);
});
