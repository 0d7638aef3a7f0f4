import { fileURLToPath } from 'node:url';
import { startLambdaRuntimeApi } from '../peers/lambda-runtime-api.ts';
import { type Child, raceChild, startNode } from './child.ts';
import { installRic, type Ric } from './ric/install.ts';

/** How an invocation ended, with the body that the invoker of a real function receives. */
export interface LambdaOutcome {
  readonly kind: 'response' | 'error' | 'timeout' | 'crash';
  readonly body: unknown;
}

/** An artifact on Lambda's own Node.js runtime. */
export interface LambdaFunction {
  /**
   * Invokes the function; calls take turns, as in one execution environment. After a time-out (3 s unless given, as
   * on Lambda) or a crash the environment is gone, and the next call starts a new one.
   */
  invoke(event: unknown, options?: { timeoutMs?: number }): Promise<LambdaOutcome>;
  /** From the start of the process to its first request for work: the cold start, without the cloud's part. Compare native with native. */
  readonly readyMs: number;
  /** When that process started, by `performance.now()`. */
  readonly startedAt: number;
  /** stdout and stderr of all environments so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface LambdaOptions {
  /** The unpacked artifact. */
  readonly dir: string;
  /** File and export: `index.handler`. */
  readonly handler: string;
  readonly env?: Record<string, string>;
  /** What speaks to the Runtime API; the native client where it could be built, unless given. */
  readonly client?: Ric['client'];
}

/**
 * Starts an artifact in the real `aws-lambda-ric` under Node 24, against a fake Runtime API on the loopback interface.
 *
 * @example
 * const lambda = await startLambda({ dir, handler: 'index.handler' });
 * expect(await lambda.invoke({ ping: 1 })).toEqual({ kind: 'response', body: { pong: 1 } });
 * await lambda.stop();
 * @throws when the artifact cannot be loaded, with what the runtime reported.
 */
export async function startLambda(options: LambdaOptions): Promise<LambdaFunction> {
  const ric = await installRic();
  const children: Child[] = [];
  const launch = async () => {
    const environment = await startEnvironment(options, ric);
    children.push(environment.child);
    return environment;
  };
  let environment: Environment | undefined = await launch();
  const { readyMs, startedAt } = environment;

  const invokeNow = async (event: unknown, timeoutMs: number): Promise<LambdaOutcome> => {
    environment ??= await launch();
    const { api, child } = environment;
    const race = await raceChild(child, api.invoke(event, { deadlineMs: Date.now() + timeoutMs }), timeoutMs);
    if (race.kind === 'answer') return { kind: race.answer.kind, body: parseBody(race.answer.body) };
    await stopEnvironment(environment);
    environment = undefined;
    // The shapes in which Lambda itself reports both.
    return race.kind === 'timeout'
      ? failure('timeout', 'Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`)
      : failure('crash', 'Runtime.ExitError', `Runtime exited with error: ${race.exit}`);
  };

  let turn: Promise<unknown> = Promise.resolve();
  return {
    readyMs,
    startedAt,
    log: () => children.map((child) => child.log()).join(''),
    invoke: (event, { timeoutMs = 3000 } = {}) => {
      const outcome = turn.then(() => invokeNow(event, timeoutMs));
      turn = outcome.catch(() => undefined);
      return outcome;
    },
    stop: async () => {
      if (environment) await stopEnvironment(environment);
      environment = undefined;
    },
  };
}

interface Environment {
  readonly api: Awaited<ReturnType<typeof startLambdaRuntimeApi>>;
  readonly child: Child;
  readonly readyMs: number;
  readonly startedAt: number;
}

async function startEnvironment(options: LambdaOptions, ric: Ric): Promise<Environment> {
  const { dir, handler, env, client = ric.client } = options;
  if (client === 'native' && ric.client !== 'native')
    throw new Error('the native Lambda client could not be built here');
  const api = await startLambdaRuntimeApi();
  const preload = client === 'http' ? ['--import', fileURLToPath(new URL('ric/preload.ts', import.meta.url))] : [];
  const startedAt = performance.now();
  const child = startNode([...preload, ric.entry, handler], {
    cwd: dir,
    env: { ...environmentOf(options, api.host), ...env },
  });
  const race = await raceChild(child, api.initialised, 10_000); // Lambda's own limit for the initialisation
  const readyMs = performance.now() - startedAt;
  if (race.kind === 'answer' && race.answer === undefined) return { api, child, readyMs, startedAt };
  await stopEnvironment({ api, child });
  const reason =
    race.kind === 'answer' ? race.answer : race.kind === 'crash' ? race.exit : 'no first request within 10 s';
  throw new Error(`${handler} in ${dir} did not start: ${reason}\n${child.log()}`);
}

async function stopEnvironment({ api, child }: Pick<Environment, 'api' | 'child'>): Promise<void> {
  await child.stop();
  await api.stop();
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, without credentials. */
function environmentOf({ dir, handler }: LambdaOptions, runtimeApi: string): Record<string, string> {
  return {
    _HANDLER: handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: dir,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'trifold-test',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/trifold-test',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    TZ: ':UTC',
  };
}

function failure(kind: 'timeout' | 'crash', errorType: string, message: string): LambdaOutcome {
  return { kind, body: { errorType, errorMessage: `Error: ${message}` } };
}

/** JSON, except for streamed responses. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
