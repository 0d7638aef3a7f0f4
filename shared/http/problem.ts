import { type AppError, publicMessage } from '../errors.ts';
import type { Answer } from './exchange.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** An error as `application/problem+json` (RFC 9457). Internal errors show their code and no detail. */
export function toProblem(error: AppError, traceId: string): Answer {
  const { allow, ...details } = error.details;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="trifold"';
  if (typeof allow === 'string') headers['allow'] = allow;
  const document = {
    type: `urn:trifold:problem:${error.code}`,
    title: TITLES[error.status] ?? 'Internal Server Error',
    status: error.status,
    detail: publicMessage(error),
    ...details,
    traceId,
  };
  return { status: error.status, headers, body: JSON.stringify(document) };
}
