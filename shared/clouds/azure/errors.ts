import type { IncomingHttpHeaders } from 'node:http';
import { AppError, UnavailableError } from '../../errors.ts';
import { ConnectionError, header } from './http.ts';

/**
 * What an answer, or its absence, says about a call:
 * - `busy`: throttled, or somebody else is writing the same thing; nothing happened, waiting helps
 * - `unsent`: no connection; nothing happened, waiting may help
 * - `credentials`: our identity is out of date or unknown; nothing happened
 * - `denied`: our identity may not do this; an operator has to mend it
 * - `refused`: the service read the request and will never take it
 * - `lost`: it may or may not have taken effect
 */
export type FaultKind = 'busy' | 'unsent' | 'credentials' | 'denied' | 'refused' | 'lost';

/** A call that did not succeed, as adapters throw it inside the retry loop. It holds nothing of what was sent. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  /** Milliseconds the service asked us to wait. */
  readonly retryAfterMs: number | undefined;
  /** `reason` is the status or the system's own name of the error, for counters and logs: `429`, `ECONNRESET`. */
  constructor(kind: FaultKind, reason: string, retryAfterMs?: number) {
    super(reason);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reads an answer that means nothing special to its adapter; `reason` adds the service's own code where it says one. */
export function toFault({ status, headers }: { status: number; headers: IncomingHttpHeaders }, code = ''): Fault {
  return new Fault(kindOf(status), [String(status), code].filter(Boolean).join(' '), retryAfterMs(headers));
}

function kindOf(status: number): FaultKind {
  switch (status) {
    case 401:
      return 'credentials';
    case 403:
    case 404:
      return 'denied';
    // 449: two writers met inside Cosmos DB, which asks for another try (https://aka.ms/cosmosdb-tsg-request-rate).
    // 410: the partition moved while the gateway looked elsewhere. 503: the service sheds load at its door.
    case 410:
    case 429:
    case 449:
    case 503:
      return 'busy';
    default:
      return status === 408 || status >= 500 ? 'lost' : 'refused';
  }
}

/** Anything that an attempt threw as a `Fault`; `undefined` for what is none (a bug, an `AppError`). */
export function asFault(thrown: unknown): Fault | undefined {
  if (thrown instanceof Fault) return thrown;
  if (thrown instanceof ConnectionError) return new Fault(thrown.sent ? 'lost' : 'unsent', thrown.code);
  return undefined;
}

/**
 * The port's error for a call that failed for good; `lost` tells whether any of its attempts was. Neither the error nor
 * its cause holds what was sent or answered: services repeat parts of a request in their messages, and with them
 * secrets and personal data.
 */
export function toAppError(what: string, fault: Fault, lost = fault.kind === 'lost'): AppError {
  const cause = new Error(fault.message);
  if (lost) return new UnavailableError(what, 'unknown', { cause });
  const fatal = { status: 500, retryable: false, expose: false, cause };
  switch (fault.kind) {
    case 'credentials':
      return new AppError('credentials', `${what} does not accept our identity (${fault.message}); look at it`, fatal);
    case 'denied':
      return new AppError(
        'cloud_denied',
        `${what} denies access, or does not exist (${fault.message}); look at the roles of the app's identity`,
        fatal,
      );
    case 'refused':
      return new AppError('cloud_refused', `${what} refused a request (${fault.message})`, fatal);
    default: {
      const wish = fault.retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(fault.retryAfterMs / 1_000) };
      return new UnavailableError(what, 'none', { cause, ...wish });
    }
  }
}

/** What the service asks for, in milliseconds: Cosmos DB says it precisely, the others in seconds or as a date. */
function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const precise = header(headers, 'x-ms-retry-after-ms');
  const text = header(headers, 'retry-after');
  if (precise !== undefined && Number(precise) >= 0) return Number(precise);
  if (text === undefined) return undefined;
  // A date is measured against the service's own clock, so that ours need not be right.
  const ms = Number.isFinite(Number(text)) ? Number(text) * 1_000 : Date.parse(text) - Date.parse(headers.date ?? '');
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
