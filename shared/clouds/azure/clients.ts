import { type Clock, systemClock } from '../../ports/clock.ts';
import { RETRY_DEFAULTS, type RetryOptions } from '../retries.ts';
import { asFault, Fault, toFault } from './errors.ts';
import { createHttp, type Http, type HttpAnswer, type HttpRequest, type OpenAnswer } from './http.ts';
import { type Identity, managedIdentity } from './identity.ts';
import { createRetrying, type Retrying } from './retry.ts';

/** What every client of this folder is made with. All of it is optional in a function: its environment says it. */
export interface ClientOptions extends RetryOptions {
  /** The function app's managed identity unless given; keys are for development and tests. */
  readonly identity?: Identity;
  /** A pool of connections to share between the adapters of an instance; each has its own unless given. */
  readonly http?: Http;
}

/** How requests of one service are signed. */
export interface Credential {
  /** Headers to add. `now` is the service's time as far as we know it, in epoch milliseconds. */
  headers(request: HttpRequest, now: number): Promise<Record<string, string>> | Record<string, string>;
  /** Statuses by which the service says that it does not accept the signature. */
  readonly refusals: readonly number[];
  /** The service refused the last signature: make the next one from scratch. */
  renew(): void;
}

/** One service, spoken to over kept-alive connections that are opened at the first call. */
export interface Client {
  /** One signed attempt and its whole answer. Throws `ConnectionError`, and `Fault` when our identity is refused. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The same, with the body still to be read. */
  open(request: HttpRequest): Promise<OpenAnswer>;
  /** Repeats attempts until the deadline; throws the ports' errors. */
  readonly retrying: Retrying;
  readonly clock: Clock;
  close(): Promise<void>;
}

export function createClient(what: string, credential: Credential, options: ClientOptions = {}): Client {
  const { clock = systemClock, attemptMs = RETRY_DEFAULTS.attemptMs } = options;
  const http = options.http ?? createHttp();
  /** Milliseconds by which the service's clock is ahead of ours, learned when it refuses a signature for its time. */
  let skewMs = 0;

  async function signed<A extends HttpAnswer | OpenAnswer>(
    request: HttpRequest,
    exchange: (request: HttpRequest) => Promise<A>,
  ): Promise<A> {
    const attempt = async () => {
      const headers = await signature(credential, request, clock.now() + skewMs);
      return exchange({ timeoutMs: attemptMs, ...request, headers: { ...request.headers, ...headers } });
    };
    const answer = await attempt();
    if (!credential.refusals.includes(answer.status)) return answer;
    await drain(answer);
    credential.renew();
    const theirs = Date.parse(answer.headers.date ?? '');
    if (Number.isFinite(theirs)) skewMs = theirs - clock.now();
    const second = await attempt();
    if (!credential.refusals.includes(second.status)) return second;
    await drain(second);
    throw new Fault('credentials', toFault(second).message);
  }

  return {
    send: (request) => signed(request, http.send),
    open: (request) => signed(request, http.open),
    retrying: createRetrying(what, options),
    clock,
    close: async () => {
      if (!options.http) http.close();
    },
  };
}

/** Whatever becomes of the question for a token, the request itself has not been sent. */
async function signature(credential: Credential, request: HttpRequest, now: number): Promise<Record<string, string>> {
  try {
    return await credential.headers(request, now);
  } catch (error) {
    const fault = asFault(error);
    throw fault?.kind === 'lost' ? new Fault('unsent', `identity ${fault.message}`) : error;
  }
}

/** Reads an answer to its end, so that its connection can be used again. */
const drain = async (answer: HttpAnswer | OpenAnswer): Promise<void> => {
  if ('stream' in answer) for await (const _ of answer.stream);
};

/** Bearer tokens of the function app's identity, or of the one that is given. */
export function bearer(
  resource: string,
  options: ClientOptions,
  scheme = (token: string) => `Bearer ${token}`,
): Credential {
  const identity = options.identity ?? ownIdentity(options);
  return {
    headers: async () => ({ authorization: scheme(await identity.token(resource)) }),
    refusals: [401],
    renew: () => identity.refused(resource),
  };
}

/** The identity that App Service gives to this process; says so at the first use where there is none. */
export function ownIdentity(options: Pick<ClientOptions, 'http' | 'clock'> = {}): Identity {
  const { clock = systemClock } = options;
  const endpoint = process.env['IDENTITY_ENDPOINT'];
  const secret = process.env['IDENTITY_HEADER'];
  const clientId = process.env['AZURE_CLIENT_ID'];
  if (endpoint && secret) return managedIdentity({ endpoint, secret, clientId }, options.http ?? createHttp(), clock);
  return {
    token: async () => {
      throw new Fault('credentials', 'no managed identity here: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set');
    },
    refused: () => {},
  };
}
