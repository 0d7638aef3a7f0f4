/**
 * An error that says what happened, to what, and what to do, in a form that every edge can show:
 * problem+json over HTTP, the reason of a dead letter on queues, one line on the command line.
 */
export interface AppErrorOptions {
  /** HTTP status that stands for this error. */
  status?: number;
  /** Whether the same call may succeed later. */
  retryable?: boolean;
  /** Whether the message may be shown to the caller. */
  expose?: boolean;
  cause?: unknown;
  /** Further members of the problem document; shown to the caller, so no secrets. */
  details?: Record<string, unknown>;
  /** Seconds after which another try makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
}

export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly expose: boolean;
  readonly details: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 500;
    this.retryable = options.retryable ?? this.status >= 500;
    this.expose = options.expose ?? this.status < 500;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** No retry can help: a message that causes it goes to the dead letters at once, with this reason. */
export class PermanentError extends AppError {
  override readonly name = 'PermanentError';
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, { status: 422, expose: true, ...options, retryable: false });
  }
}

/** A condition of a commit did not hold; nothing was written. `keys` are the sort keys whose conditions failed. */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  readonly keys: readonly string[];
  constructor(partition: string, keys: readonly string[], options: AppErrorOptions = {}) {
    super('conflict', `Somebody else changed ${partition} first (${keys.join(', ')}); read it again and decide anew`, {
      status: 409,
      retryable: true,
      ...options,
    });
    this.keys = keys;
  }
}

/**
 * The store, queue or other service did not answer properly. `outcome` tells whether the call may have taken
 * effect: `none` (certainly not) or `unknown` (look before doing it again).
 */
export class UnavailableError extends AppError {
  override readonly name = 'UnavailableError';
  readonly outcome: 'none' | 'unknown';
  constructor(what: string, outcome: 'none' | 'unknown', options: AppErrorOptions = {}) {
    super('unavailable', `${what} is not available at the moment; try again later`, {
      status: 503,
      retryable: true,
      expose: true,
      ...options,
    });
    this.outcome = outcome;
  }
}

/** More than the documented limit of a port, said before the cloud refuses it. */
export class LimitError extends PermanentError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('limit_exceeded', message, { status: 413, ...options });
  }
}

export const notFound = (what: string): AppError =>
  new AppError('not_found', `${what} does not exist`, { status: 404 });

export const badRequest = (message: string, details?: Record<string, unknown>): AppError =>
  new AppError('bad_request', message, details ? { status: 400, details } : { status: 400 });

/** Any thrown value as an `AppError`; what nobody foresaw becomes a 500 whose message is not shown. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('internal', message, { cause: thrown });
}

/** What a caller may read of an error: its message when exposed, else a neutral sentence. */
export const publicMessage = (error: AppError): string =>
  error.expose ? error.message : 'Something went wrong on our side; the error was logged';
