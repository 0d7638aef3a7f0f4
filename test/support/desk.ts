import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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
  /** All that it printed so far. */
  output(): string;
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end (SIGTERM); resolves with its exit code, or with the signal that ended it. */
  stop(): Promise<number | NodeJS.Signals | null>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface DeskOptions {
  readonly data?: string;
  readonly port?: number;
  readonly sample?: boolean;
  /** Makes another admin key, for who has lost the first. */
  readonly newKey?: boolean;
  /** Known from the first start; later ones print none. */
  readonly key?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a desk and waits until it says where it is. */
export async function startDesk(options: DeskOptions = {}): Promise<RunningDesk> {
  const starting = spawnDesk(options);
  await starting.ready;
  return starting.desk();
}

/** A desk that may not be ready yet, for those who end it before. */
export interface StartingDesk {
  readonly process: ChildProcess;
  /** Rejects when it ended before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  desk(): RunningDesk;
}

export function spawnDesk(options: DeskOptions = {}): StartingDesk {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'trifold-'));
  const args = [
    '--port',
    String(options.port ?? 0),
    '--data',
    data,
    ...(options.sample ? ['--sample'] : []),
    ...(options.newKey ? ['--new-key'] : []),
  ];
  const child = spawn(process.execPath, ['shared/cli/trifold.ts', 'start', ...args], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  // The key comes in the line after the address on a first start.
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      output += chunk;
      if (/The desk is ready/.test(output)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    ended.then((code) => reject(new Error(`The desk ended with ${code}: ${output.slice(-2000)}`)));
  });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  const desk = (): RunningDesk => ({
    url: /The desk is at (\S+)/.exec(output)?.[1] ?? '',
    key: /Admin key[^:]*: (\S+)/.exec(output)?.[1] ?? options.key ?? '',
    data,
    process: child,
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    remove: async () => {
      await end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  });
  return { process: child, ready, ended, desk };
}

/** Runs `trifold start` with these arguments until it ends by itself: for what it refuses. */
export async function refusedStart(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, ['shared/cli/trifold.ts', 'start', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, lines: output.split('\n').filter((line) => line !== '') };
}
