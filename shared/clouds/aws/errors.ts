import { AppError, UnavailableError } from '../../errors.ts';

/**
 * What an answer, or its absence, says about a call:
 * - `busy`: throttled, or somebody else is writing the same thing; nothing happened, waiting helps
 * - `unsent`: no connection; nothing happened, waiting may help
 * - `credentials`: our identity is out of date or unknown; nothing happened
 * - `denied`: our identity may not do this, or what is named does not exist; an operator has to mend it
 * - `refused`: the service read the request and will never take it
 * - `lost`: it may or may not have taken effect
 */
export type FaultKind = 'busy' | 'unsent' | 'credentials' | 'denied' | 'refused' | 'lost';

export interface Fault {
  readonly kind: FaultKind;
  /** The cloud's own name of the error, for counters and logs: `ThrottlingException`, `ECONNRESET`. */
  readonly reason: string;
  /** Milliseconds the service asked us to wait. */
  readonly retryAfterMs: number | undefined;
}

/** What of an SDK error is looked at. Whatever is thrown can be read this way: every member is optional. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly syscall?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const BUSY = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingError',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

/** Codes of errors that happen before a single byte of the request has left. */
const UNSENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** Codes and names of connections that ended, or were ended by us, after the request had begun to leave. */
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'AbortError', 'TimeoutError']);

/** Reads an error that an SDK client threw. */
export function toFault(error: unknown): Fault {
  const thrown = toThrown(error);
  return { kind: kindOf(thrown), reason: thrown.code ?? thrown.name ?? 'Error', retryAfterMs: retryAfterMs(thrown) };
}

function kindOf({ name = 'Error', code = '', syscall, message, $metadata }: Thrown): FaultKind {
  // A connection that takes too long has neither code nor class of its own in the SDK.
  const connecting = syscall === 'connect' || message?.includes('did not establish a connection');
  if (UNSENT.has(code) || connecting) return 'unsent';
  // Before any status: of an answer that was cut nobody knows what it said.
  if (CUT.has(code) || CUT.has(name)) return 'lost';
  const status = $metadata?.httpStatusCode;
  if (BUSY.has(name) || status === 429 || status === 503) return 'busy';
  // The SDK has learned the server's time from this answer, so the next signature will be right.
  if ($metadata?.clockSkewCorrected) return 'busy';
  if (CREDENTIALS.has(name)) return 'credentials';
  if (status === 401 || status === 403 || status === 404 || /NotFound|DoesNotExist|NonExistent|AccessDenied/.test(name))
    return 'denied';
  // 408 says that the service gave up waiting for the rest of the request.
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) return 'refused';
  return 'lost';
}

/**
 * The port's error for a call that failed for good; `lost` tells whether any of its attempts was. Neither the error nor
 * its cause holds what was sent or answered: services repeat parts of a request in their messages, and with them
 * secrets and personal data.
 */
export function toAppError(what: string, fault: Fault, lost = fault.kind === 'lost'): AppError {
  const cause = new Error(fault.reason);
  if (lost) return new UnavailableError(what, 'unknown', { cause });
  if (fault.kind === 'credentials')
    return new AppError('credentials', `${what} does not accept our identity (${fault.reason}); look at the role`, {
      status: 500,
      retryable: false,
      expose: false,
      cause,
    });
  if (fault.kind === 'refused')
    return new AppError('cloud_refused', `${what} refused a request (${fault.reason})`, {
      status: 500,
      retryable: false,
      expose: false,
      cause,
    });
  const seconds = fault.retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(fault.retryAfterMs / 1000) };
  return new UnavailableError(what, 'none', { cause, ...seconds });
}

/** Whether an SDK error has one of these names. */
export const isNamed = (error: unknown, ...names: string[]): boolean => names.includes(toThrown(error).name ?? '');

/** The HTTP status with which a service refused, if it answered at all. */
export const statusOf = (error: unknown): number | undefined => toThrown(error).$metadata?.httpStatusCode;

/** The cast claims nothing: every member of `Thrown` is optional, and whatever is thrown may lack all of them. */
const toThrown = (error: unknown): Thrown => Object(error) as Thrown;

/** `Retry-After` in its form of seconds; AWS sends no dates there. */
function retryAfterMs({ $response }: Thrown): number | undefined {
  const seconds = Number($response?.headers?.['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
