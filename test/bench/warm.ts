import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../infra/build/bundle.ts';
import type { TicketRequest } from '../../shared/domain/ticket.ts';
import { readMix, requestOf } from '../support/tickets.ts';
import { atMost, type Measure, median } from './measure.ts';
import type { openWork, Work } from './warm/entry.ts';

const WARM_UP = 3_000;
const ROUNDS = 3_000;

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/aws/${name}.json`, import.meta.url), 'utf8')); // our own files

/** What host and pipeline add to a warm invocation over the bare handler, store apart: the worse of a request and a message. */
export const warmMeasure: Measure = {
  names: ['warm.overhead.p50'],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'trifold-warm-'));
    try {
      const entry = "export { openWork } from './test/bench/warm/entry.ts';";
      await bundle({ cloud: 'aws', name: 'warm', folder: '', external: [], files: {}, entry }, folder);
      const built = (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as { openWork: typeof openWork }; // the entry above
      const { Records } = fixture('queue') as { Records: Record<string, unknown>[] }; // our own file
      const kinds = built.openWork(fixture('http-v2'), Records[0] ?? {});
      const requests = readMix().map(requestOf);
      const measured = [];
      for (const [kind, work] of Object.entries(kinds)) measured.push({ kind, ...(await overheadOf(work, requests)) });
      const worst = measured.reduce((a, b) => (a.added >= b.added ? a : b));
      const note = measured
        .map(({ kind, hosted, bare }) => `${kind}: ${hosted.toFixed(3)} ms, handler ${bare.toFixed(3)} ms`)
        .join('; ');
      return [atMost(0.3, { name: 'warm.overhead.p50', value: worst.added, unit: 'ms', baseline: worst.bare, note })];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** In turns, so that whatever else the machine does meets both. Milliseconds. */
async function overheadOf(work: Work, requests: readonly TicketRequest[]) {
  const times = { hosted: [] as number[], bare: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const way of ['hosted', 'bare'] as const) {
      const request = requests[(round + WARM_UP) % requests.length];
      if (!request) throw new Error('The mix is empty');
      const started = performance.now();
      await work[way](request);
      if (round >= 0) times[way].push(performance.now() - started);
    }
  const [hosted, bare] = [median(times.hosted), median(times.bare)];
  return { hosted, bare, added: hosted - bare };
}
