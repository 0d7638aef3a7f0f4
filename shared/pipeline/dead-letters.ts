import type { DeadLetter } from '../domain/dead-letter.ts';
import { digest, idFrom, newId, timeKey } from '../domain/ids.ts';
import type { Envelope } from '../envelope.ts';
import { type AppError, publicMessage } from '../errors.ts';
import type { IndexEntries } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { inWorkspace } from './indexes.ts';
import { put } from './writes.ts';

/** How long a dead letter is kept, replayed or not. */
export const DEAD_KEEP_MS = 90 * 24 * 3_600_000;
/** An item holds 380 kB at most; what is longer is told by its beginning. */
const BODY_CHARACTERS = 100_000;

export const deadPartition = (id: string): string => `dead/${id}`;

export function deadIndexes(letter: DeadLetter): IndexEntries {
  const sort = `${timeKey(letter.at)}/${letter.id}`;
  return { i1: { hash: 'dead', sort }, i2: { hash: `dead-queue#${letter.source}`, sort } };
}

export interface Burial {
  readonly workspace: string;
  readonly source: string;
  readonly kind: DeadLetter['kind'];
  readonly function: string;
  readonly trigger: string;
  readonly envelope: Envelope | undefined;
  readonly body: unknown;
  readonly nativeId: string;
  readonly error: AppError;
  readonly attempts: number;
}

/**
 * Stores a dead letter, one for each message and trigger: a message that dies again after a replay is listed with its
 * latest reason, as not replayed.
 */
export async function buryMessage(runtime: Runtime, burial: Burial): Promise<void> {
  const now = runtime.clock.now();
  const text = typeof burial.body === 'string' ? burial.body : JSON.stringify(burial.body ?? null);
  const messageId = burial.envelope?.id ?? burial.nativeId;
  const id = idFrom('dl', burial.function, burial.trigger, messageId, burial.envelope?.time ?? digest(text));
  const letter: DeadLetter = {
    v: 1,
    id,
    source: burial.source,
    kind: burial.kind,
    function: burial.function,
    trigger: burial.trigger,
    code: burial.error.code,
    reason: publicMessage(burial.error),
    attempts: burial.attempts,
    at: now,
    body: text.slice(0, BODY_CHARACTERS),
    ...(text.length > BODY_CHARACTERS ? { truncated: true } : {}),
    messageId,
    type: burial.envelope?.type ?? '',
  };
  const ws = burial.workspace;
  const write = put('dead', { ...letter }, 'any', {
    indexes: inWorkspace(deadIndexes(letter), ws),
    expiresAt: now + DEAD_KEEP_MS,
  });
  await runtime.store.commit(`${ws}/${deadPartition(id)}`, [write], newId('cmt', now));
  runtime.log.error('A message became a dead letter', {
    id,
    source: burial.source,
    code: letter.code,
    attempts: letter.attempts,
  });
}
