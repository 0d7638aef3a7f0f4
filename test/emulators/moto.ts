import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Moto {
  readonly url: string;
  /** Forgets every table, queue, bus, bucket and secret. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** What moto takes for an account: it accepts any key. */
export const MOTO_ACCOUNT = '123456789012';
export const MOTO_REGION = 'us-east-1';
export const MOTO_CLIENT = {
  region: MOTO_REGION,
  credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' },
} as const;

const READY_TRIES = 200;

/**
 * Starts moto_server (https://docs.getmoto.org/en/latest/docs/server_mode.html) on a free port of the loopback address.
 * Throws an error that names it when it is not installed, or did not start.
 */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`moto_server is missing: ${error.message}`, { cause: error })));
    child.once('exit', (code) => reject(new Error(`moto_server ended with code ${code} before it was ready`)));
  });
  failed.catch(() => {}); // It ends after the tests as well, when nobody listens any more.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([failed, untilReady(url)]);
  return {
    url,
    async reset() {
      await fetch(`${url}/moto-api/reset`, { method: 'POST' });
    },
    async stop() {
      process.off('exit', kill);
      await stopped(child);
    },
  };
}

/**
 * Moto, or why it cannot be had: the reason of a named skip. With `CI=true` a missing emulator is a failure instead.
 */
export async function startMotoIfThere(): Promise<
  { moto: Moto; missing: undefined } | { moto: undefined; missing: string }
> {
  try {
    return { moto: await startMoto(), missing: undefined };
  } catch (error) {
    if (process.env['CI'] === 'true' || !(error instanceof Error)) throw error;
    return { moto: undefined, missing: error.message };
  }
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    const ready = await fetch(`${url}/moto-api/data.json`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await pause(100);
  }
  throw new Error(`moto_server did not answer at ${url}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
