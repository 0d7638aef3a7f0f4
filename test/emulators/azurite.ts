import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.ts';

export interface Azurite {
  /** Of the account: `http://127.0.0.1:port/name`. */
  readonly endpoint: string;
  readonly account: string;
  /** The account's key, made for this run. */
  readonly key: string;
  stop(): Promise<void>;
}

const ACCOUNT = 'trifold';

/** Starts Azurite's blob service (https://github.com/Azure/Azurite) on a free port of the loopback address. */
export async function startAzurite(): Promise<Azurite> {
  const port = await freePort();
  const key = randomBytes(64).toString('base64');
  const options = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--inMemoryPersistence'];
  const stop = await startInstalled(
    'azurite-blob',
    [...options, '--blobHost', '127.0.0.1', '--blobPort', String(port)],
    port,
    { AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
  );
  return { endpoint: `http://127.0.0.1:${port}/${ACCOUNT}`, account: ACCOUNT, key, stop };
}

/** Azurite, or why it cannot be had: the reason of a named skip. With `CI=true` a missing emulator is a failure instead. */
export async function startAzuriteIfThere(): Promise<
  { azurite: Azurite; missing: undefined } | { azurite: undefined; missing: string }
> {
  try {
    return { azurite: await startAzurite(), missing: undefined };
  } catch (error) {
    if (process.env['CI'] === 'true' || !(error instanceof Error)) throw error;
    return { azurite: undefined, missing: error.message };
  }
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const READY_TRIES = 200;

/**
 * Starts a program of this folder's own packages and waits until it listens; installs them first where they are not.
 * Throws an error that names it when it cannot be installed, or did not start. Returns what stops it.
 */
export async function startInstalled(
  program: string,
  options: readonly string[],
  port: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const path = `${HERE}node_modules/.bin/${program}`;
  await installed(program);
  const child = spawn(path, options, { stdio: 'ignore', env: { ...process.env, ...environment } });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`${program} is missing: ${error.message}`, { cause: error })));
    child.once('exit', (code) => reject(new Error(`${program} ended with code ${code} before it was ready`)));
  });
  failed.catch(() => {}); // It ends after the tests as well, when nobody listens any more.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await Promise.race([failed, untilListening(program, port)]);
  return async () => {
    process.off('exit', kill);
    await stopped(child);
  };
}

async function installed(program: string): Promise<void> {
  try {
    await installPackages(HERE);
  } catch (cause) {
    throw new Error(`${program} is missing, and npm ci in test/emulators failed`, { cause });
  }
}

async function untilListening(program: string, port: number): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    const socket = connect(port, '127.0.0.1');
    const listening = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (listening) return;
    await pause(100);
  }
  throw new Error(`${program} did not listen on port ${port}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
  return address.port;
}
