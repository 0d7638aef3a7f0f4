import { randomInt } from 'node:crypto';
import { AppError, UnavailableError } from '../../errors.ts';
import { type Clock, systemClock } from '../../ports/clock.ts';
import { GoogleError, toAppError, toGoogleError, toVerdict } from './errors.ts';
import type { Identity } from './identity.ts';
import { type HttpResponse, readText, type Transport, TransportError } from './transport.ts';

/** One pause before another attempt; for counting. */
export interface Retry {
  readonly service: string;
  readonly reason: string;
  readonly attempt: number;
  readonly delayMs: number;
}

export interface RestOptions {
  /** As it stands in messages: `Firestore`. */
  readonly service: string;
  readonly baseUrl: string;
  readonly identity: Pick<Identity, 'token' | 'forget'>;
  readonly transport: Transport;
  readonly clock?: Clock | undefined;
  /** The running invocation's own end, which may be nearer. */
  readonly signal?: (() => AbortSignal | undefined) | undefined;
  /** Milliseconds for a whole operation with all its attempts; default 20 s. */
  readonly timeoutMs?: number;
  /** Milliseconds for one attempt; default 8 s. */
  readonly attemptMs?: number;
  readonly onRetry?: (retry: Retry) => void;
  /** Leaves the service's own words out of errors. */
  readonly quiet?: boolean;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base address, already escaped; or a whole address that the service itself gave. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object travels as JSON; bytes and text as they are. */
  readonly body?: object | Uint8Array | string;
  /** Whether doing it twice is the same as once. If not, an unknown outcome is thrown instead of tried again. */
  readonly safe: boolean;
  readonly deadline?: number;
  /** Milliseconds for one attempt, where the client's own would not do. */
  readonly attemptMs?: number;
  readonly streams?: boolean;
}

/** A Google API over HTTP and JSON: authorised, retried with jitter inside a deadline. */
export interface Rest {
  readonly service: string;
  /** The moment at which an operation that starts now must be over. */
  deadline(): number;
  /**
   * The answer, its status 2xx or 308. Throws `GoogleError` for a refusal that has a meaning (4xx) and
   * `UnavailableError` when there is no proper answer.
   */
  send(call: Call): Promise<HttpResponse>;
  /** As `send`, with the reading of the answer under the same retries. */
  read<T>(call: Call, reader: (response: HttpResponse) => Promise<T>): Promise<T>;
  /** Its body as JSON; `undefined` when empty. */
  json<T>(call: Call): Promise<T>;
  /** Waits as before another attempt; throws `UnavailableError` with `cause` when the deadline would pass. */
  pause(attempt: number, deadline: number, cause: Error, outcome: 'none' | 'unknown'): Promise<void>;
}

const BASE_DELAY_MS = 50;
const MAX_DELAY_MS = 5_000;

export function createRest(options: RestOptions): Rest {
  const { service, identity, transport, clock = systemClock, timeoutMs = 20_000, attemptMs = 8_000 } = options;

  async function pause(attempt: number, deadline: number, cause: Error, outcome: 'none' | 'unknown'): Promise<void> {
    const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt);
    const asked = askedBy(cause);
    // Half of the pause is certain, so that a crowd thins out; what the service asks for is a minimum.
    const delayMs = (asked ?? ceiling / 2) + randomInt(Math.ceil(ceiling / 2) + 1);
    const signal = options.signal?.();
    if (clock.now() + delayMs > deadline || signal?.aborted)
      throw new UnavailableError(service, outcome, {
        cause,
        ...(asked === undefined ? {} : { retryAfterSeconds: Math.ceil(asked / 1000) }),
      });
    options.onRetry?.({
      service,
      reason: cause instanceof GoogleError ? cause.reason : cause.name,
      attempt,
      delayMs,
    });
    await clock.sleep(delayMs, signal).catch(() => {
      throw new UnavailableError(service, outcome, { cause });
    });
  }

  async function attemptOnce(call: Call, deadline: number): Promise<HttpResponse> {
    const token = await identity.token();
    const url = new URL(/^https?:/.test(call.path) ? call.path : options.baseUrl + call.path);
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const json = typeof call.body === 'object' && !(call.body instanceof Uint8Array);
    const response = await transport.send({
      method: call.method,
      url,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(json ? { 'content-type': 'application/json' } : {}),
        ...call.headers,
      },
      body: json ? JSON.stringify(call.body) : (call.body as Uint8Array | string | undefined), // the other two cases
      timeoutMs: Math.max(1, Math.min(call.attemptMs ?? attemptMs, deadline - clock.now())),
      ...(call.streams ? { streams: true } : {}),
    });
    if (response.status < 300 || response.status === 308) return response;
    throw toGoogleError(response.status, response.headers, await readText(response), !options.quiet);
  }

  async function retrying<T>(call: Call, read: (response: HttpResponse) => Promise<T>): Promise<T> {
    const deadline = call.deadline ?? clock.now() + timeoutMs;
    let outcome: 'none' | 'unknown' = 'none';
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await read(await attemptOnce(call, deadline));
      } catch (thrown) {
        if (thrown instanceof TransportError) {
          if (thrown.outcome === 'unknown') outcome = 'unknown';
          if (thrown.outcome === 'unknown' && !call.safe)
            throw new UnavailableError(service, outcome, { cause: thrown });
          await pause(attempt, deadline, thrown, outcome);
        } else if (thrown instanceof GoogleError) {
          const verdict = toVerdict(thrown);
          if (verdict === 'final') throw thrown;
          if (verdict === 'unauthenticated') {
            // A token that was withdrawn, or an instance that slept past its end: a new one is worth one attempt.
            if (renewed) throw toAppError(service, thrown);
            renewed = true;
            identity.forget();
            continue;
          }
          if (verdict === 'unknown') outcome = 'unknown';
          if (verdict === 'unknown' && !call.safe)
            throw new UnavailableError(service, outcome, {
              cause: thrown,
              ...(thrown.retryAfterMs === undefined
                ? {}
                : { retryAfterSeconds: Math.ceil(thrown.retryAfterMs / 1000) }),
            });
          await pause(attempt, deadline, thrown, outcome);
        } else {
          throw thrown;
        }
      }
    }
  }

  return {
    service,
    deadline: () => clock.now() + timeoutMs,
    pause,
    send: (call) => retrying(call, async (response) => response),
    read: retrying,
    json: <T>(call: Call) =>
      retrying(call, async (response) => {
        const text = await readText(response);
        try {
          // The cast is the caller's knowledge of the service's answer.
          return (text ? JSON.parse(text) : undefined) as T;
        } catch (cause) {
          throw new TransportError('the answer is no JSON', 'unknown', cause);
        }
      }),
  };
}

/** Milliseconds that the service asked us to wait. */
function askedBy(cause: Error): number | undefined {
  if (cause instanceof GoogleError) return cause.retryAfterMs;
  return cause instanceof AppError && cause.retryAfterSeconds !== undefined
    ? cause.retryAfterSeconds * 1000
    : undefined;
}

/** Runs `action`, turning what it throws of a refusal into what the core understands. */
export async function refusing<T>(service: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw thrown instanceof GoogleError ? toAppError(service, thrown) : thrown;
  }
}
