import * as z from 'zod/v4/core';
import { fromClaimCheck, isClaimCheck } from '../claim-check.ts';
import { digest, newId } from '../domain/ids.ts';
import { type Envelope, parseType, queueType, toEnvelope } from '../envelope.ts';
import { AppError, asAppError, ConflictError, PermanentError } from '../errors.ts';
import type { Deployed, EventTrigger, MessageInfo, QueueTrigger } from '../function.ts';
import type { Runtime } from '../runtime.ts';
import { describeIssues } from '../schema.ts';
import { fromTraceparent } from '../trace.ts';
import { countAttempt, counterOf, forgetAttempts } from './attempts.ts';
import { AlreadyDone } from './commit.ts';
import { buryMessage } from './dead-letters.ts';
import { type AnyContext, invoke, logFailure } from './invocation.ts';
import { outboxOf } from './outbox.ts';
import { remove } from './writes.ts';

/** A message or event as a host hands it over. */
export interface Arrival {
  /** The envelope, as text or already parsed. */
  readonly body: unknown;
  /** The cloud's own id of the message, used where no envelope can be read. */
  readonly nativeId: string;
  /** How often the cloud delivered it, this time included; absent where it does not tell. */
  readonly attempt?: number;
  readonly remainingMs?: number;
}

/** `done`: acknowledge. `again`: let the cloud deliver it again. Dead letters are `done` once they are stored. */
export type Verdict = 'done' | 'again';

/** How often one delivery looks again after losing a race. */
const CONFLICT_TRIES = 3;

type MessageTrigger = QueueTrigger | EventTrigger;
type MessageHandler = (data: unknown, context: AnyContext, info: MessageInfo) => Promise<void>;

/** Takes one message through schema check, inbox, handler and dead letters. Never throws. */
export async function handleMessage(
  runtime: Runtime,
  deployed: Deployed,
  name: string,
  arrival: Arrival,
): Promise<Verdict> {
  const trigger = messageTrigger(deployed, name);
  const source = trigger.kind === 'queue' ? trigger.queue : trigger.type;
  let envelope: Envelope | undefined;
  let workspace = runtime.settings.workspace;
  const labels = { function: deployed.declaration.name, trigger: name };
  try {
    envelope = toEnvelope(await bodyOf(runtime, arrival));
    workspace = workspaceOf(trigger, envelope, runtime);
    await deliver(runtime, deployed, name, trigger, envelope, workspace, arrival);
    runtime.metrics.count('invocations_total', { ...labels, outcome: 'done' });
    return 'done';
  } catch (thrown) {
    const error = logFailure(runtime, { deployed, trigger: name, workspace }, thrown);
    try {
      const counter = counterOf(deployed, name, envelope?.id ?? arrival.nativeId);
      const attempts = arrival.attempt ?? (await countAttempt(runtime, counter));
      if (!(error instanceof PermanentError) && attempts < runtime.settings.maxAttempts) {
        runtime.metrics.count('invocations_total', { ...labels, outcome: 'again' });
        return 'again';
      }
      await buryMessage(runtime, {
        workspace,
        source,
        kind: trigger.kind,
        function: deployed.declaration.name,
        trigger: name,
        envelope,
        body: arrival.body,
        nativeId: arrival.nativeId,
        error,
        attempts,
      });
      if (envelope) await settle(runtime, trigger, envelope);
      if (arrival.attempt === undefined) await forgetAttempts(runtime, counter);
      runtime.metrics.count('invocations_total', { ...labels, outcome: 'dead' });
      return 'done';
    } catch (unburied) {
      // The store is away: the cloud keeps the message, and its own dead-letter queue is the last net.
      logFailure(runtime, { deployed, trigger: name, workspace }, unburied);
      return 'again';
    }
  }
}

/** What was sent: bodies over a queue's limit wait as objects. */
const bodyOf = async (runtime: Runtime, { body }: Arrival): Promise<unknown> =>
  isClaimCheck(body) ? fromClaimCheck(typeof body === 'string' ? body : JSON.stringify(body), runtime.objects()) : body;

async function deliver(
  runtime: Runtime,
  deployed: Deployed,
  name: string,
  trigger: MessageTrigger,
  envelope: Envelope,
  workspace: string,
  arrival: Arrival,
): Promise<void> {
  const data = parseData(trigger, envelope);
  const info: MessageInfo = {
    id: envelope.id,
    type: envelope.type,
    subject: envelope.subject,
    time: envelope.time ? Date.parse(envelope.time) : runtime.clock.now(),
    attempt: arrival.attempt ?? 1,
  };
  const arrived = trigger.from === 'outside' ? undefined : outboxOf(envelope);
  const receipt = {
    key: `receipt/${digest(`${deployed.declaration.name}.${name} ${envelope.source} ${envelope.id}`)}`,
    value: () => ({ v: 1, done: envelope.type }),
  };
  // Handlers are typed by the declaration that this trigger was read from.
  const handler = deployed.handlers[name] as MessageHandler;
  const invocation = {
    deployed,
    trigger: name,
    principal: { kind: 'service', id: envelope.source, workspace },
    workspace,
    parent: fromTraceparent(envelope.traceparent),
    unit: arrived ? { receipt, arrived } : { receipt },
    ...(arrival.remainingMs === undefined ? {} : { remainingMs: arrival.remainingMs }),
  } as const;
  for (let attempt = 1; ; attempt++) {
    try {
      const { committer } = await invoke(runtime, invocation, (context) => handler(data, context, info));
      if (!committer.settled()) await settle(runtime, trigger, envelope);
      return;
    } catch (error) {
      if (error instanceof AlreadyDone) return settle(runtime, trigger, envelope);
      // Somebody else changed the partition first and nothing was written: look again at once, not after a redelivery.
      if (!(error instanceof ConflictError) || attempt >= CONFLICT_TRIES) throw error;
    }
  }
}

/** The message is done, so its row in the sender's outbox has no more purpose. Failing is harmless: the sweeper sends it once more. */
async function settle(runtime: Runtime, trigger: MessageTrigger, envelope: Envelope): Promise<void> {
  const row = trigger.from === 'outside' ? undefined : outboxOf(envelope);
  if (!row) return;
  try {
    await runtime.store.commit(row.partition, [remove(row.key)], newId('cmt', runtime.clock.now()));
  } catch (error) {
    runtime.log.debug('An outbox row stays until the sweeper passes', { code: asAppError(error).code });
  }
}

function messageTrigger(deployed: Deployed, name: string): MessageTrigger {
  const trigger = deployed.declaration.on[name];
  if (trigger?.kind === 'queue' || trigger?.kind === 'event') return trigger;
  throw new AppError('internal', `${deployed.declaration.name} has no queue or event trigger ${name}`);
}

function workspaceOf(trigger: MessageTrigger, envelope: Envelope, runtime: Runtime): string {
  if (trigger.from === 'outside') return runtime.settings.workspace;
  if (!envelope.workspace)
    throw new PermanentError('malformed_message', 'A message from inside must name its workspace');
  return envelope.workspace;
}

/** The trigger's version of the data, or the one before by its upgrade. */
function parseData(trigger: MessageTrigger, envelope: Envelope): unknown {
  const expected = trigger.kind === 'queue' ? queueType(trigger.queue) : trigger.type;
  const wanted = trigger.version ?? 1;
  const { name, version } = parseType(envelope.type);
  if (name !== expected)
    throw new PermanentError(
      'unknown_type',
      `Messages of type ${envelope.type} are not handled here; expected ${expected}.v${wanted}`,
    );
  const old = version === wanted - 1 && trigger.upgrade !== undefined;
  if (version !== wanted && !old)
    throw new PermanentError(
      'unknown_version',
      `Version ${version} of ${name} is not known here; this is version ${wanted}`,
    );
  const parsed = z.safeParse(trigger.schema, old ? trigger.upgrade?.(envelope.data) : envelope.data);
  if (!parsed.success)
    throw new PermanentError(
      'invalid_message',
      `Data of ${envelope.type} does not fit its schema: ${describeIssues(parsed.error).join('; ')}`,
    );
  return parsed.data;
}
