import { type AppError, asAppError } from '../errors.ts';
import { readJson } from '../http/body.ts';
import type { Answer, Incoming } from '../http/exchange.ts';
import { toProblem } from '../http/problem.ts';
import { fromTraceparent, startSpan } from '../trace.ts';

/**
 * Direct invocation where the cloud has no call of its own but HTTP: JSON in, JSON out, errors as problem documents. The
 * cloud has authorised the caller (function key, Google's IAM) before this runs.
 */
export async function answerDirect(request: Incoming, run: (input: unknown) => Promise<unknown>): Promise<Answer> {
  try {
    const value = await run(await readJson(request));
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(value ?? null),
    };
  } catch (thrown) {
    const error: AppError = asAppError(thrown);
    return toProblem(error, startSpan(fromTraceparent(request.headers.get('traceparent'))).traceId);
  }
}
