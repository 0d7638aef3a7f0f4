import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A desk in a process of its own, as `npm start` runs it. */
export interface RunningDesk {
  readonly url: string;
  readonly key: string;
  readonly data: string;
  readonly process: ChildProcess;
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface DeskOptions {
  readonly data?: string;
  readonly port?: number;
  readonly sample?: boolean;
  /** Known from the first start; later ones print none. */
  readonly key?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a desk and waits until it says where it is. */
export async function startDesk(options: DeskOptions = {}): Promise<RunningDesk> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'trifold-'));
  const args = ['shared/cli/start.ts', '--port', String(options.port ?? 0), '--data', data, ...(options.sample ? ['--sample'] : [])];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = await ready(child);
  const url = /The desk is at (\S+)/.exec(output)?.[1] ?? '';
  const key = /Admin key[^:]*: (\S+)/.exec(output)?.[1] ?? options.key ?? '';
  const kill = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  return {
    url,
    key,
    data,
    process: child,
    kill: () => kill('SIGKILL'),
    remove: async () => {
      await kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** What it printed once it is ready; the key comes in the line after the address on a first start. */
function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const listen = (chunk: Buffer) => {
      output += chunk;
      if (/The desk is ready/.test(output)) resolve(output);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`The desk ended with ${code}: ${output.slice(-2000)}`)));
  });
}

export interface MixTicket {
  readonly description: string;
  readonly customerId: string;
  readonly channel: 'api';
  readonly expect: { readonly intents: readonly string[]; readonly outcome: 'closed' | 'handed_over' };
}

/** The fixed mix of tickets. */
export const readMix = (): MixTicket[] => JSON.parse(readFileSync(join(root, 'events/mix.json'), 'utf8')) as MixTicket[]; // checked by test/unit/sample-data.test.ts

/** Posts one ticket of the mix and returns its id. */
export async function postTicket(desk: Pick<RunningDesk, 'url' | 'key'>, ticket: MixTicket, idempotencyKey?: string): Promise<string> {
  const { expect: _, ...body } = ticket;
  const headers: Record<string, string> = { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json' };
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  const answer = await fetch(`${desk.url}/api/tickets`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== 202) throw new Error(`POST /api/tickets answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Tickets that reached a terminal state, by the desk's own metrics. */
export async function terminal(desk: Pick<RunningDesk, 'url'>): Promise<{ closed: number; handedOver: number }> {
  const text = await (await fetch(`${desk.url}/metrics`)).text();
  const sum = (status: string) => [...text.matchAll(new RegExp(`^tickets_processed\\{status="${status}".*\\} (\\d+)$`, 'gm'))].reduce((total, [, count]) => total + Number(count), 0);
  return { closed: sum('closed'), handedOver: sum('handed_over') };
}
