import type middy from '@middy/core';
import type { Runtime } from '../../runtime.ts';

/**
 * The middleware around every handler: hands metrics over at the end of each invocation, and loads Powertools' tracer
 * where `TRIFOLD_TRACING=xray`. The tracer costs 20 ms and its X-Ray SDK ends in February 2027, so that W3C trace context
 * is what travels, and this is only for teams that look at X-Ray today.
 */
export function telemetry(runtime: Runtime, name: string, trigger: string): middy.MiddlewareObj {
  const flush = async (): Promise<void> => runtime.metrics.flush();
  if (runtime.env['TRIFOLD_TRACING'] !== 'xray') return { after: flush, onError: flush };
  let finish: (() => void) | undefined;
  const end = async (): Promise<void> => {
    finish?.();
    finish = undefined;
    await flush();
  };
  return {
    before: async () => {
      const { startSegment } = await import('./tracing.ts');
      finish = startSegment(`${name}.${trigger}`);
    },
    after: end,
    onError: end,
  };
}
