import type { Context } from '../context.ts';
import { newId } from '../domain/ids.ts';
import { AppError, asAppError } from '../errors.ts';
import type { Deployed } from '../function.ts';
import type { PortName } from '../ports/index.ts';
import type { Principal } from '../principal.ts';
import type { Runtime } from '../runtime.ts';
import { startSpan, type Trace } from '../trace.ts';
import { type Committer, createCommitter, type Unit } from './commit.ts';
import { createReader } from './reader.ts';

/** The context of any function; hosts and pipeline don't know which ports and destinations it names. */
export type AnyContext = Context<PortName, string, string>;

export interface Invocation {
  readonly deployed: Deployed;
  readonly trigger: string;
  readonly principal: Principal;
  readonly workspace: string;
  readonly parent: Trace | undefined;
  readonly unit?: Pick<Unit, 'receipt' | 'partition' | 'arrived'>;
  /** Id of what a route creates. */
  readonly id?: string;
  /** Milliseconds that the cloud leaves, when it is less than the declared time-out. */
  readonly remainingMs?: number;
}

/** Kept back of the cloud's time-out, so that our answer is out before it kills us, milliseconds. */
const MARGIN_MS = 500;

/** Why a commit comes too late. One for all: its stack says nothing, and would be written down for every invocation. */
const OVER = new AppError('invocation_over', 'This invocation is over; nothing can be committed any more');

export interface Ended<T> {
  readonly value: T;
  readonly committer: Committer;
}

/**
 * Runs one handler with its context, at most until the deadline; what hangs is left behind, cut off from commits.
 * Throws what the handler throws; `deadline_exceeded` is retryable.
 */
export async function invoke<T>(
  runtime: Runtime,
  invocation: Invocation,
  run: (context: AnyContext) => Promise<T>,
): Promise<Ended<T>> {
  const { declaration } = invocation.deployed;
  const trace = startSpan(invocation.parent);
  const started = runtime.clock.now();
  const limitMs = Math.min(
    declaration.limits.timeoutSeconds * 1000,
    invocation.remainingMs ?? Number.POSITIVE_INFINITY,
  );
  const timeMs = Math.max(1, limitMs - Math.min(MARGIN_MS, limitMs / 10));
  const abort = new AbortController();
  const committer = createCommitter(runtime, {
    ...invocation.unit,
    workspace: invocation.workspace,
    function: declaration.name,
    trace,
    signal: abort.signal,
  });
  const context = createContext(runtime, invocation, {
    trace,
    deadline: started + timeMs,
    signal: abort.signal,
    commit: committer.commit,
  });
  const labels = { function: declaration.name, trigger: invocation.trigger };
  let timer: NodeJS.Timeout | undefined;
  try {
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const what = `${declaration.name}.${invocation.trigger} did not end within ${Math.round(timeMs)} ms`;
        const error = new AppError('deadline_exceeded', what, { status: 504, retryable: true, expose: true });
        abort.abort(error);
        reject(error);
      }, timeMs);
    });
    return { value: await Promise.race([run(context), deadline]), committer };
  } finally {
    clearTimeout(timer);
    if (!abort.signal.aborted) abort.abort(OVER);
    runtime.metrics.observe('invocation_seconds', labels, (runtime.clock.now() - started) / 1000);
  }
}

type Given = Pick<AnyContext, 'trace' | 'deadline' | 'signal' | 'commit'>;

function createContext(runtime: Runtime, invocation: Invocation, given: Given): AnyContext {
  const { workspace, principal } = invocation;
  const read = createReader(runtime.store, workspace);
  const { clock, log, metrics } = runtime;
  const base = {
    ...given,
    workspace,
    principal,
    read,
    clock,
    log,
    metrics,
    id: invocation.id ?? newId('id', clock.now()),
  };
  const scope = { workspace, read, clock, log, signal: given.signal };
  const ports: { -readonly [P in PortName]?: unknown } = {};
  for (const name of invocation.deployed.declaration.uses) {
    const open = runtime.ports[name];
    if (!open)
      throw new AppError(
        'internal',
        `${invocation.deployed.declaration.name} uses ${name}, which this artifact was built without`,
      );
    ports[name] = open(scope);
  }
  // Holds exactly the ports that the declaration names, which is all that its handlers' types let them see.
  return { ...base, ...ports } as AnyContext;
}

/** One line for each invocation that went wrong, with the fields that find it again. */
export function logFailure(
  runtime: Runtime,
  invocation: Pick<Invocation, 'deployed' | 'trigger' | 'workspace'>,
  thrown: unknown,
): AppError {
  const error = asAppError(thrown);
  const fields = {
    function: invocation.deployed.declaration.name,
    trigger: invocation.trigger,
    workspace: invocation.workspace,
    code: error.code,
  };
  if (error.status >= 500) runtime.log.error(error.message, { ...fields, error });
  else runtime.log.info(error.message, fields);
  return error;
}
