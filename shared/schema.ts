import * as z from 'zod/v4/core';
import en from 'zod/v4/locales/en.js';
import { AppError, badRequest } from './errors.ts';

z.config(en());

export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** At most this many issues are told; a hostile body could have thousands. */
const MOST = 20;

const issuesOf = (error: z.$ZodError): Issue[] =>
  error.issues.slice(0, MOST).map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));

/** `customerId: Invalid input…`, one line for each issue. */
export const describeIssues = (error: z.$ZodError): string[] =>
  issuesOf(error).map(({ path, message }) => (path ? `${path}: ${message}` : message));

/** Parses what a caller sent. Throws 400 with `errors: [{ path, message }]`, which never holds the values. */
export function parseInput<S extends z.$ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw badRequest(`The ${what} does not fit: ${describeIssues(parsed.error)[0] ?? 'it is not valid'}`, {
    errors: issuesOf(parsed.error),
  });
}

/** Parses what we made ourselves; a failure is our fault. */
export function parseOutput<S extends z.$ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw new AppError('internal', `${what} does not fit its own schema: ${describeIssues(parsed.error).join('; ')}`);
}
