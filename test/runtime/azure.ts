import { fileURLToPath } from 'node:url';
import type { AzureLog, FunctionMetadata } from '../peers/azure-functions-core.ts';
import type { AzureReturn, AzureTrigger, WorkerMessage, WorkerRequest } from './azure-rpc.ts';
import { type Child, raceChild, startNode } from './child.ts';

/** How an invocation ended. The host would answer 500, or deliver the message again, for all but a response. */
export type AzureOutcome =
  | ({ readonly kind: 'response' } & AzureReturn)
  | { readonly kind: 'error'; readonly body: { name: string; message: string; stack: string } }
  | { readonly kind: 'timeout' | 'crash'; readonly body: string };

/** An artifact in a process of its own, on the real `@azure/functions` and a worker of ours. */
export interface AzureApp {
  /** What the artifact registered, by name, with the trigger among its `bindings`. */
  readonly functions: Readonly<Record<string, FunctionMetadata>>;
  /**
   * Invokes a function, several at a time if asked. After a time-out (5 s unless given) or a crash the process is gone
   * with everything under way in it, and the next call starts a new one.
   */
  invoke(name: string, trigger: AzureTrigger & { timeoutMs?: number }): Promise<AzureOutcome>;
  /** What went through `context.log`, and what the library logged itself, so far. */
  readonly logs: readonly AzureLog[];
  /** stdout and stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface AzureOptions {
  /** The unpacked artifact; its package.json's `main` is the glob of files to load. */
  readonly dir: string;
  readonly env?: Record<string, string>;
}

/**
 * Loads an artifact as the Node.js worker of Azure Functions does.
 *
 * @throws when it cannot be loaded, or registers nothing.
 */
export async function startAzure({ dir, env = {} }: AzureOptions): Promise<AzureApp> {
  const logs: AzureLog[] = [];
  const workers: Worker[] = [];
  const launch = async () => {
    const worker = await startWorker(dir, env, logs);
    workers.push(worker);
    return worker;
  };
  let running: Promise<Worker> | undefined = launch();
  const { functions } = await running;

  return {
    functions,
    logs,
    log: () => workers.map(({ child }) => child.log()).join(''),
    invoke: async (name, { timeoutMs = 5000, ...trigger }) => {
      running ??= launch();
      const current = running;
      const worker = await current;
      const race = await raceChild(worker.child, worker.invoke(name, trigger), timeoutMs);
      if (race.kind === 'answer') return race.answer;
      if (running === current) running = undefined;
      await worker.child.stop();
      return { kind: race.kind, body: race.kind === 'crash' ? race.exit : `no answer within ${timeoutMs} ms` };
    },
    stop: async () => {
      running = undefined;
      await Promise.all(workers.map(({ child }) => child.stop()));
    },
  };
}

interface Worker {
  readonly child: Child;
  readonly functions: Readonly<Record<string, FunctionMetadata>>;
  invoke(name: string, trigger: AzureTrigger): Promise<AzureOutcome>;
}

async function startWorker(dir: string, env: Record<string, string>, logs: AzureLog[]): Promise<Worker> {
  const program = fileURLToPath(new URL('azure-worker.ts', import.meta.url));
  const child = startNode([program, dir], {
    cwd: dir,
    ipc: true,
    env: {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
      WEBSITE_SITE_NAME: 'trifold-test',
      ...env,
    },
  });
  const ready = Promise.withResolvers<Readonly<Record<string, FunctionMetadata>>>();
  const waiting = new Map<number, (outcome: AzureOutcome) => void>();
  child.process.on('message', (message: WorkerMessage) => {
    if (message.kind === 'ready') return ready.resolve(message.functions);
    if (message.kind === 'unready') return ready.reject(new Error(message.reason));
    if (message.kind === 'log') return logs.push(message.log);
    const { id, ...outcome } = message;
    waiting.get(id)?.(outcome);
    return waiting.delete(id);
  });

  const race = await raceChild(child, Promise.allSettled([ready.promise]), 10_000);
  const [loaded] = race.kind === 'answer' ? race.answer : [];
  if (loaded?.status !== 'fulfilled') {
    await child.stop();
    const reason = loaded ? loaded.reason : race.kind === 'crash' ? race.exit : 'not loaded within 10 s';
    throw new Error(`${dir} did not start: ${reason}\n${child.log()}`);
  }
  let lastId = 0;
  return {
    child,
    functions: loaded.value,
    invoke: (name, trigger) =>
      new Promise((resolve) => {
        const request: WorkerRequest = { id: ++lastId, name, trigger };
        waiting.set(request.id, resolve);
        child.process.send(request, () => undefined); // a process that is gone shows as a crash
      }),
  };
}
