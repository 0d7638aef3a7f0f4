import { AppError } from '../errors.ts';
import type { Deployed } from '../function.ts';
import type { Runtime } from '../runtime.ts';
import { parseInput } from '../schema.ts';
import { type AnyContext, invoke, logFailure } from './invocation.ts';

type DirectHandler = (input: unknown, context: AnyContext) => Promise<unknown>;

/** Answers a call from the team's own code, which its cloud has authorised. Throws the `AppError` that the caller shall see. */
export async function handleDirect(
  runtime: Runtime,
  deployed: Deployed,
  trigger: string,
  input: unknown,
  remainingMs?: number,
): Promise<unknown> {
  const declared = deployed.declaration.on[trigger];
  if (declared?.kind !== 'direct')
    throw new AppError('internal', `${deployed.declaration.name} has no direct trigger ${trigger}`);
  const workspace = runtime.settings.workspace;
  const handler = deployed.handlers[trigger] as DirectHandler; // typed by the declaration that this trigger was read from
  try {
    const { value } = await invoke(
      runtime,
      {
        deployed,
        trigger,
        principal: { kind: 'service', id: 'direct', workspace },
        workspace,
        parent: undefined,
        ...(remainingMs === undefined ? {} : { remainingMs }),
      },
      (context) => handler(parseInput(declared.input, input, 'input'), context),
    );
    return value;
  } catch (thrown) {
    throw logFailure(runtime, { deployed, trigger, workspace }, thrown);
  }
}
