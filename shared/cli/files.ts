import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';

/** The text of a file that the user named; one line says what is wrong with it. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : 'cannot be read';
    throw new AppError('file', `${path} ${why}`, { cause, status: 400 });
  }
}
