import { expect } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { Store, Write } from '../../shared/ports/store.ts';
import { rejection } from './support.ts';

export const numbered = (i: number): string => `n#${String(i).padStart(4, '0')}`;

/**
 * In the order that is promised: by code unit of UTF-8, which is by code point, not by UTF-16 unit (in JavaScript's
 * own order the emoji would come before the last two) and not by any language's rules.
 */
export const ORDERED = [
  '!',
  '#',
  '/',
  '0',
  '10',
  '9',
  'A',
  'B',
  'Z',
  'a',
  'a!',
  'a#',
  'aa',
  'b',
  'z',
  'ä',
  'é',
  'ß',
  'λ',
  '日',
  '本',
  '\ue000',
  '\uff5e',
  '🎫',
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

export async function fill(store: Store, partition: string, writes: readonly Write[]): Promise<void> {
  for (let i = 0; i < writes.length; i += 100) await store.commit(partition, writes.slice(i, i + 100), 'fill');
}

/** Deterministic disorder, so that order of insertion never happens to be order of key. */
export const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((item, i) => ({ item, at: (i * 7919) % 1009 }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

export async function refusesForeignCursors(
  cursor: string,
  ...questions: ((cursor: string) => Promise<unknown>)[]
): Promise<void> {
  for (const ask of questions) {
    for (const wrong of [cursor, 'no-cursor-at-all']) {
      const error = await rejection(ask(wrong));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ status: 400, retryable: false });
    }
  }
}
