import { digest, newId } from '../domain/ids.ts';
import { asAppError } from '../errors.ts';
import type { Deployed } from '../function.ts';
import type { Runtime } from '../runtime.ts';
import { put, remove } from './writes.ts';

/** As long as Eventarc and Event Grid go on trying. */
const KEEP_MS = 24 * 3_600_000;

/** Where deliveries are counted that the cloud does not count: an event goes to several functions, each with its own. */
export const counterOf = ({ declaration }: Pick<Deployed, 'declaration'>, trigger: string, id: string): string =>
  `app/attempts/${digest(`${declaration.name}.${trigger} ${id}`)}`;

/** Returns how many there were, this one included. */
export async function countAttempt(runtime: Pick<Runtime, 'store' | 'clock'>, counter: string): Promise<number> {
  const seen = await runtime.store.get(counter, 'attempts');
  const attempts = 1 + (typeof seen?.value === 'number' ? seen.value : 0);
  const now = runtime.clock.now();
  const write = put('attempts', attempts, 'any', { expiresAt: now + KEEP_MS });
  await runtime.store.commit(counter, [write], newId('cmt', now));
  return attempts;
}

/** A replayed dead letter is tried as often as any message. Failing is harmless: it is then tried less often. */
export async function forgetAttempts(
  runtime: Pick<Runtime, 'store' | 'clock' | 'log'>,
  counter: string,
): Promise<void> {
  try {
    await runtime.store.commit(counter, [remove('attempts')], newId('cmt', runtime.clock.now()));
  } catch (error) {
    runtime.log.debug('Attempts stay counted until they expire', { code: asAppError(error).code });
  }
}
