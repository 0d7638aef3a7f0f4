import { randomUUID } from 'node:crypto';
import Module from 'node:module';

/** What the host and `@azure/functions` exchange: one of these fields is set. */
export interface RpcTypedData {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: RpcHttpData | null;
}

export interface RpcHttpData {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Record<string, { value: string }>;
  readonly nullableParams?: Record<string, { value: string }>;
  readonly nullableQuery?: Record<string, { value: string }>;
  readonly statusCode?: string | null;
  readonly headers?: Record<string, string> | null;
  readonly cookies?: readonly { name?: string | null; value?: string | null }[] | null;
  readonly body?: RpcTypedData | null;
}

/** A trigger or output as it was registered: `type`, `direction` and the options of that type. */
export type BindingInfo = { readonly type: string; readonly direction: string } & Readonly<Record<string, unknown>>;

/** A registered function; the names of its bindings are generated. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly retryOptions?: unknown;
}

/** A line that went through `context.log` (user) or the library itself (system). */
export interface AzureLog {
  readonly level: string;
  readonly category: string;
  readonly message: string;
  readonly invocationId?: string;
}

export interface RpcInvocationResponse {
  readonly returnValue?: RpcTypedData | null;
  readonly outputData?: readonly { name: string; data: RpcTypedData }[];
}

/** The worker's half of `@azure/functions-core`. */
export interface FunctionsCore {
  readonly functions: ReadonlyMap<string, FunctionMetadata>;
  /** Ends the start-up, in which alone functions can be registered, and runs the appStart hooks. */
  start(functionAppDirectory: string): Promise<void>;
  /** Runs one invocation through the library's own model and the hooks; rejects with what the function threw. */
  invoke(
    name: string,
    trigger: RpcTypedData | undefined,
    metadata: Record<string, RpcTypedData>,
  ): Promise<RpcInvocationResponse>;
}

type Callback = (...args: unknown[]) => unknown;
type Hook = (context: Record<string, unknown>) => unknown;

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

interface ProgrammingModel {
  getInvocationModel(context: Record<string, unknown>): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

/**
 * Provides `@azure/functions-core` to everything that requires it from now on in this process, as the Node.js worker
 * does: no package holds it. Written after the worker's `types-core/index.d.ts` and `InvocationHandler`.
 *
 * @see https://github.com/Azure/azure-functions-nodejs-worker
 */
export function provideFunctionsCore(onLog: (log: AzureLog) => void): FunctionsCore {
  const functions = new Map<string, FunctionMetadata>();
  const callbacks = new Map<string, Callback>();
  const hooks = new Map<string, Hook[]>();
  const appHookData = {};
  let model: ProgrammingModel | undefined;
  let hasStarted = false;

  const runHooks = async (name: string, context: Record<string, unknown>) => {
    for (const hook of hooks.get(name) ?? []) await hook(context);
  };

  class Disposable {
    readonly dispose: () => void;
    constructor(dispose: () => void) {
      this.dispose = dispose;
    }
  }

  const api = {
    version: '3.13.0',
    hostVersion: '4.1041.0',
    Disposable,
    log: (level: string, category: string, message: string) => onLog({ level, category, message }),
    getProgrammingModel: () => model,
    setProgrammingModel: (chosen: ProgrammingModel) => {
      model = chosen;
    },
    registerHook: (name: string, hook: Hook) => {
      hooks.set(name, [...(hooks.get(name) ?? []), hook]);
      return new Disposable(() => hooks.set(name, hooks.get(name)?.filter((other) => other !== hook) ?? []));
    },
    registerFunction: (metadata: FunctionMetadata, callback: Callback) => {
      if (hasStarted) throw new Error('A function can only be registered during app startup.');
      // The worker would let the second one replace the first without a word.
      if (functions.has(metadata.name)) throw new Error(`two functions have the name ${metadata.name}`);
      functions.set(metadata.name, metadata);
      callbacks.set(metadata.name, callback);
      return new Disposable(() => functions.delete(metadata.name));
    },
  };

  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, args: [string]) =>
      args[0] === '@azure/functions-core' ? api : Reflect.apply(target, self, args),
  });

  return {
    functions,
    start: async (functionAppDirectory) => {
      await runHooks('appStart', { hookData: {}, appHookData, functionAppDirectory });
      hasStarted = true;
      await model?.getCapabilities({});
    },
    invoke: async (name, trigger, triggerMetadata) => {
      const metadata = functions.get(name);
      const callback = callbacks.get(name);
      if (!model || !metadata || !callback) throw new Error(`no function has the name ${name}`);
      const [triggerName] =
        Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type)) ?? [];
      const invocationId = randomUUID();
      const traceParent = `00-${invocationId.replaceAll('-', '')}-0123456789abcdef-01`;
      const invocation = model.getInvocationModel({
        invocationId,
        metadata,
        request: {
          invocationId,
          functionId: name,
          inputData: [{ name: triggerName, data: trigger }],
          triggerMetadata,
          traceContext: { traceParent, traceState: '', attributes: {} },
        },
        log: (level: string, category: string, message: string) => onLog({ level, category, message, invocationId }),
      });
      return runInvocation(invocation, callback, { hookData: {}, appHookData }, runHooks);
    },
  };
}

/** The order in which the worker does it: arguments, hooks, the function, hooks, response. */
async function runInvocation(
  invocation: InvocationModel,
  functionCallback: Callback,
  data: { hookData: object; appHookData: object },
  runHooks: (name: string, context: Record<string, unknown>) => Promise<void>,
): Promise<RpcInvocationResponse> {
  const { context, inputs } = await invocation.getArguments();
  const before = { ...data, invocationContext: context, inputs, functionCallback };
  await runHooks('preInvocation', before);

  // The hooks may have replaced the inputs and the function.
  const after: Record<string, unknown> = {
    ...data,
    invocationContext: context,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  try {
    after['result'] = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after['error'] = error;
  }
  await runHooks('postInvocation', after);
  // As in the worker: who throws undefined or null has succeeded.
  if (after['error'] !== null && after['error'] !== undefined) throw after['error'];
  return invocation.getResponse(context, after['result']);
}
