import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../errors.ts';

/** What a Google API answered in place of a result: https://google.aip.dev/193 */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** HTTP status. */
  readonly status: number;
  /** Canonical code (`ABORTED`) or, from Cloud Storage, a reason (`rateLimitExceeded`). */
  readonly reason: string;
  /** How long the service asks to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(`${status} ${reason}${message ? `: ${message}` : ''}`);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The error in an answer's body. Streaming methods wrap it into an array; proxies answer HTML. Without `detailed` the
 * service's own words are left out, because they may quote the request.
 */
export function toGoogleError(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  detailed: boolean,
): GoogleError {
  const error = errorMember(body);
  const inner = Array.isArray(error?.['errors']) ? error['errors'][0] : undefined;
  const reason = error?.['status'] ?? inner?.reason ?? 'HTTP';
  const message = detailed ? String(error?.['message'] ?? '').slice(0, 300) : '';
  return new GoogleError(status, String(reason), message, toRetryAfterMs(headers));
}

/** https://cloud.google.com/apis/design/errors */
export interface ErrorStatus {
  readonly code?: number;
  readonly status?: string;
}

/** What `error` says of itself, where it stands inside an answer that began well (a stream of rows). */
export const fromErrorRow = ({ code, status }: ErrorStatus): GoogleError =>
  new GoogleError(code ?? 500, status ?? 'UNKNOWN', '');

function errorMember(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const first = Array.isArray(parsed) ? parsed[0] : parsed;
    return typeof first?.error === 'object' ? first.error : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in milliseconds; a date counts from the server's own `Date`, so that our clock doesn't matter. */
function toRetryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - (headers.date ? Date.parse(headers.date) : Date.now());
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** How a failed call may be gone on with. */
export type Verdict = 'throttled' | 'unauthenticated' | 'unknown' | 'final';

const UNCERTAIN = new Set(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED', 'UNKNOWN']);
const THROTTLED = new Set(['RESOURCE_EXHAUSTED', 'rateLimitExceeded', 'userRateLimitExceeded', 'ABORTED']);

/**
 * `throttled`: certainly without effect, again after a pause (contention is reported as ABORTED). `unknown`: the
 * service itself doesn't know (https://firebase.google.com/docs/firestore/understand-error-codes).
 */
export function toVerdict(error: GoogleError): Verdict {
  if (error.status === 429 || THROTTLED.has(error.reason)) return 'throttled';
  if (error.status === 401) return 'unauthenticated';
  if (error.status === 408 || error.status >= 500 || UNCERTAIN.has(error.reason)) return 'unknown';
  return 'final';
}

/** What the core is told of a refusal that no adapter has a meaning for. */
export function toAppError(service: string, error: GoogleError): AppError {
  const refused = (code: string, message: string) =>
    new AppError(code, message, { status: 500, retryable: false, expose: false, cause: error });
  switch (error.status) {
    case 401:
      return refused(
        'credentials',
        `${service} no longer takes our credentials; look at the function's service account`,
      );
    case 403:
      return refused(
        'cloud_denied',
        `${service} denied a request; look at the roles of the function's service account`,
      );
    case 404:
      return refused('cloud_missing', `${service} does not know what a request is about; look at what was deployed`);
    default:
      return refused('cloud_refused', `${service} refused a request (${error.status} ${error.reason})`);
  }
}
