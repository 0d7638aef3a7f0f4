import { startHost } from '../../shared/clouds/local/host.ts';
import { asAppError } from '../../shared/errors.ts';
import { handleDirect } from '../../shared/pipeline/direct.ts';
import { handleMessage } from '../../shared/pipeline/message.ts';
import { handleSchedule } from '../../shared/pipeline/schedule.ts';
import type { Bench, Driver } from './driver.ts';
import { deployedProbe } from './probe.ts';

/**
 * The local host over real HTTP. Its consumers take messages by themselves (see `test/e2e`), so that single deliveries go
 * to the pipeline as the consumer hands them over.
 */
export async function localDriver(bench: Bench): Promise<Driver> {
  const host = await startHost(bench.runtime, bench.base, [deployedProbe], { port: 0 });
  const hand = async (trigger: string, body: unknown, attempt: number | undefined) => {
    const arrival = {
      body: typeof body === 'string' ? body : JSON.stringify(body),
      nativeId: 'native',
      attempt: attempt ?? 1,
    };
    return (await handleMessage(bench.runtime, deployedProbe, trigger, arrival)) === 'done'
      ? ('acknowledged' as const)
      : ('again' as const);
  };
  return {
    cloud: 'local',
    async request({ method, path, headers = {}, body }) {
      const answer = await fetch(`${host.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    },
    deliver: (trigger, bodies, attempt) => Promise.all(bodies.map((body) => hand(trigger, body, attempt))),
    publish: (trigger, body) => hand(trigger, body, undefined),
    tick: (trigger, at) => handleSchedule(bench.runtime, deployedProbe, trigger, { at }),
    async call(trigger, input) {
      try {
        return { value: await handleDirect(bench.runtime, deployedProbe, trigger, input) };
      } catch (error) {
        return { code: asAppError(error).code };
      }
    },
    close: () => host.stop(),
  };
}
