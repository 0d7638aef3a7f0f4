import { hash } from 'node:crypto';
import { badRequest } from '../../errors.ts';

/** A cursor names its question by a hash, so that it cannot be taken to another one, and the last row that was seen. */
export function toCursor(question: readonly unknown[], position: readonly string[]): string {
  return Buffer.from(JSON.stringify([fingerprint(question), ...position])).toString('base64url');
}

/** The position in `cursor`, of exactly `parts` parts. Throws `bad_request` when it belongs to another question. */
export function fromCursor(cursor: string, question: readonly unknown[], parts: number): string[] {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    decoded = undefined;
  }
  if (!Array.isArray(decoded)) throw foreignCursor();
  const [of, ...position]: unknown[] = decoded;
  if (of !== fingerprint(question) || position.length !== parts) throw foreignCursor();
  return position.map((part) => {
    if (typeof part !== 'string') throw foreignCursor();
    return part;
  });
}

// JSON writes `undefined` in a list as null, which is no possible bound.
const fingerprint = (question: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(question), 'base64url').slice(0, 16);

const foreignCursor = () => badRequest('This cursor does not belong to this list; start again without one');
