import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { raceChild, startNode } from './child.ts';

/** An artifact on Google's functions-framework, as a Cloud Run function runs it. */
export interface FrameworkFunction {
  /** Without a slash at its end; on the loopback interface. */
  readonly url: string;
  /** Settles when the process ends, with how; Cloud Run would start another. */
  readonly exited: Promise<string>;
  /** stdout and stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface FrameworkOptions {
  /** The unpacked artifact; its package.json says `main`, and `type` where that is an ES module. */
  readonly dir: string;
  /** The export that is the function. */
  readonly target: string;
  readonly signatureType: 'http' | 'cloudevent';
  readonly env?: Record<string, string>;
}

// The command line itself, not `getTestServer`: the latter neither loads the artifact nor handles uncaught errors.
const frameworkMain = join(
  dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')),
  'main.js',
);

/**
 * Starts an artifact under Node 24 on the real functions-framework, in production mode.
 *
 * @throws when the artifact cannot be loaded or has no such export, with what the framework wrote.
 */
export async function startFunctionsFramework(options: FrameworkOptions): Promise<FrameworkFunction> {
  const { dir, target, signatureType, env } = options;
  const preload = fileURLToPath(new URL('loopback.ts', import.meta.url));
  const child = startNode(['--import', preload, frameworkMain], {
    cwd: dir,
    ipc: true,
    env: {
      NODE_ENV: 'production',
      FUNCTION_TARGET: target,
      FUNCTION_SIGNATURE_TYPE: signatureType,
      PORT: '0',
      K_SERVICE: 'trifold-test',
      K_REVISION: 'trifold-test-00001-abc',
      METADATA_SERVER_DETECTION: 'none',
      ...env,
    },
  });
  const race = await raceChild(child, once(child.process, 'message'), 10_000);
  if (race.kind !== 'answer') {
    await child.stop();
    const reason = race.kind === 'crash' ? race.exit : 'it did not listen within 10 s';
    throw new Error(`${target} in ${dir} did not start: ${reason}\n${child.log()}`);
  }
  return { url: `http://127.0.0.1:${race.answer[0]}`, exited: child.exited, log: child.log, stop: child.stop };
}
