import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningDesk, startDesk } from '../support/desk.ts';
import { readMix, requestOf, terminal } from '../support/tickets.ts';

/** A desk under load from this process, with its sample of customers and articles. */
export interface LoadedDesk {
  /** Posts ticket number `n` of the repeated mix; resolves when it is accepted. */
  post(n: number): Promise<void>;
  /** Tickets that ended since the desk was ready for load. */
  ended(): Promise<{ closed: number; all: number }>;
  /** Waits until so many have ended; throws when nothing ends for 30 s. */
  untilEnded(count: number): Promise<void>;
  /** CPU time that its process used so far, milliseconds; `undefined` where the system does not tell. */
  cpuMs(): number | undefined;
  stop(): Promise<void>;
}

export const MIX_SIZE: number = readMix().length;

/** Starts a desk as `npm start` does, and lets one mix go through it, so that what is measured is not its warming up. */
export async function startLoadedDesk(): Promise<LoadedDesk> {
  const desk = await startDesk({ sample: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const bodies = readMix().map((ticket) => JSON.stringify(requestOf(ticket)));
  const count = async () => {
    const { closed, handedOver } = await terminal(desk);
    return { closed, all: closed + handedOver };
  };
  let before = { closed: 0, all: 0 };
  const loaded: LoadedDesk = {
    post: (n) => post(desk, agent, bodies[n % bodies.length] ?? ''),
    async ended() {
      const { closed, all } = await count();
      return { closed: closed - before.closed, all: all - before.all };
    },
    async untilEnded(wanted) {
      let last = { all: -1, at: performance.now() };
      for (;;) {
        const { all } = await loaded.ended();
        if (all >= wanted) return;
        if (all > last.all) last = { all, at: performance.now() };
        if (performance.now() - last.at > 30_000) throw new Error(`Only ${all} of ${wanted} tickets ended`);
        // Seldom enough to cost the desk nothing, often enough near the end.
        await pause(wanted - all > 100 ? 100 : 10);
      }
    },
    cpuMs: () => cpuMsOf(desk.process.pid),
    async stop() {
      agent.destroy();
      await desk.remove();
    },
  };
  try {
    await Promise.all(bodies.map((_, n) => loaded.post(n)));
    await loaded.untilEnded(bodies.length);
    await settled(count);
    before = await count();
    return loaded;
  } catch (error) {
    await loaded.stop();
    throw error;
  }
}

/** Until nothing has ended for a second: the sample brings tickets of its own. */
async function settled(count: () => Promise<{ all: number }>): Promise<void> {
  for (let last = -1; ; ) {
    const { all } = await count();
    if (all === last) return;
    last = all;
    await pause(1_000);
  }
}

function post({ url, key }: RunningDesk, agent: Agent, body: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    request(`${url}/api/tickets`, { method: 'POST', headers, agent }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 202) resolve();
        else reject(new Error(`POST /api/tickets answered ${response.statusCode}: ${answer}`));
      }, reject);
    })
      .on('error', reject)
      .end(body);
  });
}

/** User and system time in ticks of 10 ms: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isNaN(ticks) ? undefined : ticks * 10;
  } catch {
    return undefined; // not Linux
  }
}
