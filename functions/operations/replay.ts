import type { DeadLetter } from '../../shared/domain/dead-letter.ts';
import { ConflictError, notFound } from '../../shared/errors.ts';
import { DEAD_KEEP_MS, deadIndexes, deadPartition } from '../../shared/pipeline/dead-letters.ts';
import { put } from '../../shared/pipeline/writes.ts';
import type { Ctx } from './context.ts';

/** A dead letter as lists show it: without the message, which may hold anything. */
export const shown = ({ v: _v, body: _body, kind: _kind, truncated: _truncated, ...letter }: DeadLetter) => letter;

/**
 * Sends a dead letter once more, then marks it; first marked, a repeated request would be told of a sending that never
 * was. When the message has died again in between, the answer is the letter of that death.
 */
export async function replay(id: string, ctx: Ctx) {
  const partition = deadPartition(id);
  const item = await ctx.read.get<DeadLetter>(partition, 'dead');
  if (!item) throw notFound(`Dead letter ${id}`);
  await ctx.desk.resend(item.value);
  const letter: DeadLetter = { ...item.value, replayedAt: ctx.clock.now() };
  const kept = { indexes: deadIndexes(letter), expiresAt: letter.at + DEAD_KEEP_MS };
  try {
    return await ctx.commit(partition, {
      writes: [put('dead', { ...letter }, item.version, kept)],
      answer: shown(letter),
    });
  } catch (error) {
    const again = error instanceof ConflictError ? await ctx.read.get<DeadLetter>(partition, 'dead') : undefined;
    if (!again) throw error;
    return shown(again.value);
  }
}
