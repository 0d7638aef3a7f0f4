import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../errors.ts';

/** Words that are off: exit code 2. */
export const usageError = (message: string): AppError =>
  new AppError('usage', message, { expose: true, retryable: false });

/** `parseArgs`, whose complaints become one line with exit code 2. */
export function parse<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message.split('. ')[0] : error}. Usage: trifold ${usage}`);
  }
}
