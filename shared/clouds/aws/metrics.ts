import { toEmf } from '../../metrics/emf.ts';
import { createRegistry } from '../../metrics/registry.ts';
import type { Metrics } from '../../ports/metrics.ts';

/**
 * Metrics as lines on standard output, from which CloudWatch takes them: no call, no wait, no permission.
 * Written around `console.log`, to which Lambda adds a time and a request id that would spoil the line
 * (https://github.com/aws-powertools/powertools-lambda-typescript/issues/1766).
 */
export function openMetrics(_env: Readonly<Record<string, string | undefined>>): Metrics & { text(): string } {
  const { count, observe, set, drain } = createRegistry();
  return {
    count,
    observe,
    set,
    text: () => '',
    async flush() {
      for (const line of toEmf(drain(), Date.now())) process.stdout.write(`${line}\n`);
    },
  };
}
