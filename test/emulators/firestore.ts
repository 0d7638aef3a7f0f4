import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Emulator {
  /** `127.0.0.1:port`, as in `FIRESTORE_EMULATOR_HOST`. */
  readonly host: string;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

const JAR = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar';
const MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** Google's own Firestore emulator on a free port, empty. Throws an error that names what is missing. */
export async function startFirestore(): Promise<Emulator> {
  const jar = join(await sdkRoot('the Firestore emulator'), JAR);
  if (!existsSync(jar)) throw new Error(`the Firestore emulator is missing: ${JAR} below gcloud's SDK root`);
  return startJava('the Firestore emulator', (port) => [
    ...['-Xmx512m', '-cp', jar, MAIN, 'start', '--host', '127.0.0.1', '--port', `${port}`],
  ]);
}

/** gcloud's folder; the jars are started without gcloud, which leaves java behind when it is stopped. */
export async function sdkRoot(what: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('gcloud', ['info', '--format=value(installation.sdk_root)']);
    return stdout.trim();
  } catch {
    throw new Error(`${what} is missing: there is no gcloud on the PATH`);
  }
}

/** Starts a java server and waits until it takes connections. */
export async function startJava(what: string, argumentsFor: (port: number) => string[]): Promise<Emulator> {
  const port = await freePort();
  const java = spawn('java', argumentsFor(port), { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const listen = (chunk: Buffer) => said.splice(0, Math.max(0, said.length - 20), chunk.toString());
  java.stdout.on('data', listen);
  java.stderr.on('data', listen);
  const gone = new Promise<void>((resolve) => java.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    java.once('error', () => reject(new Error(`${what} is missing: there is no java on the PATH`)));
    java.once('exit', (code) => reject(new Error(`${what} ended with ${code}:\n${said.join('')}`)));
  });
  const kill = () => java.kill('SIGKILL');
  process.once('exit', kill);
  await Promise.race([failed, ready(`http://127.0.0.1:${port}/`, java)]);
  return {
    host: `127.0.0.1:${port}`,
    async stop() {
      process.off('exit', kill);
      failed.catch(() => undefined);
      kill();
      await gone;
    },
  };
}

async function ready(url: string, java: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300 && java.exitCode === null; tries += 1) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer from ${url} within 30 s`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port was given');
  return address.port;
}

/**
 * Why an emulator can't be started here, for a named skip; `undefined` when it can. In CI it is always `undefined`, so
 * that the start itself fails and names what is missing.
 */
export async function missing(what: string, path: string): Promise<string | undefined> {
  if (process.env['CI'] === 'true') return undefined;
  try {
    const root = await sdkRoot(what);
    if (!existsSync(join(root, path))) return `${what} is missing: no ${path}`;
    await promisify(execFile)('java', ['-version']);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const firestoreMissing = (): Promise<string | undefined> => missing('the Firestore emulator', JAR);
