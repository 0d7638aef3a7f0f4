import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** Node 24, which all three clouds run, whatever runs the tests. */
export const NODE: string = createRequire(import.meta.url).resolve('node/bin/node');

/** A process that runs an artifact. */
export interface Child {
  readonly process: ChildProcess;
  /** How it ended: `exit status 1`, `signal: SIGKILL`. Settles when its output has arrived as well. */
  readonly exited: Promise<string>;
  /** What it wrote to stdout and stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

/** What came first: an answer, the end of the process, or the end of our patience. */
export type Race<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'crash'; readonly exit: string }
  | { readonly kind: 'timeout' };

/**
 * Starts Node 24 with nothing in its environment but `PATH` and `env`, so that an artifact works with what its cloud
 * would give it and nothing of the developer's. `ipc` opens a channel for `process.send`, which carries bytes too.
 */
export function startNode(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; ipc?: boolean },
): Child {
  const child = spawn(NODE, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
    serialization: 'advanced',
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  child.once('error', (error) => resolve(error.message));
  child.once('exit', (code, signal) => {
    const ending = code === null ? `signal: ${signal}` : `exit status ${code}`;
    // 'close' waits for the output, but for ever if a grandchild holds on to it.
    child.once('close', () => resolve(ending));
    setTimeout(() => resolve(ending), 250).unref();
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { process: child, exited, log: () => log, stop };
}

/** Waits for the answer, unless the process ends or `timeoutMs` pass first. */
export async function raceChild<T>(child: Child, answer: Promise<T>, timeoutMs: number): Promise<Race<T>> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      answer.then((value): Race<T> => ({ kind: 'answer', answer: value })),
      child.exited.then((exit): Race<T> => ({ kind: 'crash', exit })),
      new Promise<Race<T>>((resolve) => {
        timer = setTimeout(() => resolve({ kind: 'timeout' }), timeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
