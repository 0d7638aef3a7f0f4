import { loadFunctions } from '../../shared/cli/commands/start.ts';
import { startHost } from '../../shared/clouds/local/host.ts';
import { fillWithSample } from '../../shared/providers/sample/fill.ts';
import { openBench } from '../conformance/driver.ts';

/** What the local desk makes of these tickets, without ids and times: every cloud has to make the same of them. */
export async function referenceTickets(requests: readonly object[]): Promise<unknown[]> {
  const bench = openBench('local');
  await fillWithSample(bench.runtime);
  const host = await startHost(bench.runtime, bench.base, await loadFunctions(), { port: 0 });
  const headers = { authorization: `Bearer ${await bench.key('operator')}`, 'content-type': 'application/json' };
  try {
    return await Promise.all(
      requests.map(async (request) => {
        const body = JSON.stringify(request);
        const posted = await fetch(`${host.url}/api/tickets`, { method: 'POST', headers, body });
        const { follow } = (await posted.json()) as { follow: string }; // the route's declared answer
        for (;;) {
          const text = await (await fetch(`${host.url}${follow}`, { headers })).text();
          if (isTerminal(text)) return normalised(text);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }),
    );
  } finally {
    await host.stop();
    await bench.remove();
  }
}

const isTerminal = (text: string): boolean => /"state":"(closed|handed_over)"/.test(text);

/** A ticket's JSON with every id and instant replaced by what it is, without how people were told: that comes later. */
export const normalised = (text: string): unknown =>
  JSON.parse(text.replace(/\b([a-z]{2,4})_[a-z0-9]{26}\b/g, '$1_id'), (name, value: unknown) =>
    name === 'notifications' ? undefined : typeof value === 'number' && value > 1e12 ? 'instant' : value,
  );
