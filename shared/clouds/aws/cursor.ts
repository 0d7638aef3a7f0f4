import { createHash } from 'node:crypto';
import { badRequest } from '../../errors.ts';

/**
 * Where a listing goes on, bound to the question that it belongs to. It holds keys that the question's asker has seen,
 * and decides nothing but a position: the partition or prefix always comes from the question.
 */
export function toCursor(question: readonly unknown[], position: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify([fingerprint(question), position])).toString('base64url');
}

/** Throws a 400 unless the cursor was made for exactly this question. */
export function fromCursor(question: readonly unknown[], cursor: string): Record<string, string> {
  try {
    const [print, position] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (print === fingerprint(question) && typeof position === 'object') return position;
  } catch {
    // Not one of ours at all: refused below.
  }
  throw badRequest('The cursor belongs to another question; begin again without one');
}

const fingerprint = (question: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);
