import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import { readText } from '../files.ts';

/** Rows of a JSON file; the error names the file and the first thing that is wrong with it, never its values. */
export function readRows<T>(path: string, schema: z.ZodType<T>, shape: string): T {
  const bad = (why: string, cause?: unknown) => new AppError('bad_file', `${path}: ${why}`, { cause, status: 400 });
  const text = readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad('it is no JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw bad(`expected ${shape}${where ? `; look at ${where}` : ''}`);
}
