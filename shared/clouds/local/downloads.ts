import { notFound } from '../../errors.ts';
import { toResponse } from '../../http/exchange.ts';
import { toProblem } from '../../http/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import { startSpan } from '../../trace.ts';
import { contentDisposition } from './links.ts';
import type { LocalObjects } from './objects.ts';

/** Answers signed links of the file objects; `undefined` for every other request. */
export async function answerSignedLink(
  request: Request,
  objects: () => LocalObjects,
  clock: Clock,
): Promise<Response | undefined> {
  if (request.method !== 'GET' || !new URL(request.url).pathname.startsWith('/objects/')) return undefined;
  const signed = objects().verifyLink(request.url, clock.now());
  const object = signed && (await objects().get(signed.key));
  // A link that is over and one that never was get the same answer.
  if (!signed || !object) return toResponse(toProblem(notFound('What this link opened'), startSpan(undefined).traceId));
  const headers = {
    'content-type': object.contentType,
    'content-length': String(object.size),
    'x-content-type-options': 'nosniff',
  };
  const named = signed.fileName === undefined ? {} : { 'content-disposition': contentDisposition(signed.fileName) };
  return new Response(object.body, { headers: { ...headers, ...named } });
}
