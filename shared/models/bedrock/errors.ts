import { fromStatus, ModelFailure, retryAfterMs } from '../routing/failure.ts';

/** What of an SDK error is looked at; whatever is thrown can be read this way, since every member is optional. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  /** HTTP/2 reports a connection that failed by the stream that was to use it. */
  readonly cause?: { readonly code?: string };
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const THROTTLED = new Set(['ThrottlingException', 'ModelNotReadyException', 'TooManyRequestsException']);
/** A connection that never stood: nothing was asked. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const UNKNOWN_TO_US = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** The failure in what the SDK threw. 424 (`ModelErrorException`) is the model's own failure, so it counts as down. */
export function toFailure(error: unknown, now: number): ModelFailure {
  const { name = 'Error', cause, code, $metadata, $response } = Object(error) as Thrown;
  const status = $metadata?.httpStatusCode;
  const wait = retryAfterMs((header) => $response?.headers?.[header], now);
  const options = { retryAfterMs: wait, cause: error };
  if (UNKNOWN_TO_US.has(name)) return new ModelFailure('denied', name, { cause: error });
  if (THROTTLED.has(name)) return new ModelFailure('throttled', name, options);
  if (name === 'ServiceQuotaExceededException') return new ModelFailure('throttled', name, options);
  if (status === 424) return new ModelFailure('down', name, options);
  // An answer of status 200 that ends in an error was cut off, or is no JSON.
  if (status !== undefined && status >= 400) return fromStatus(status, name, options);
  return new ModelFailure('down', `no answer (${code ?? name})`, {
    lost: !UNSENT.has(cause?.code ?? code ?? ''),
    cause: error,
  });
}
