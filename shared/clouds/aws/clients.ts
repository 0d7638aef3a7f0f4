import { RETRY_DEFAULTS } from '../retries.ts';

/** What every client of this folder is made with. All of it is optional in a function: its environment says it. */
export interface ClientOptions {
  /** The function's own region unless given. */
  readonly region?: string;
  /** Another address than AWS's own: an emulator, a VPC endpoint. */
  readonly endpoint?: string;
  /** The function's own role unless given; keys are for development and tests. */
  readonly credentials?: Credentials | (() => Promise<Credentials>);
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A client that is made at its first use, and made again after `renew`. */
export interface LazyClient<C> {
  get(): C;
  /** Forgets the client with its identity; requests under way end on the old one. */
  renew(): void;
  close(): Promise<void>;
}

interface Destroyable {
  destroy(): void;
}

/** `make` may be asynchronous where the SDK itself is loaded at first use. */
export function lazyClient<C extends Destroyable | Promise<Destroyable>>(make: () => C): LazyClient<C> {
  let client: C | undefined;
  return {
    get: () => {
      client ??= make();
      return client;
    },
    renew: () => {
      client = undefined;
    },
    close: async () => {
      (await client)?.destroy();
      client = undefined;
    },
  };
}

const AGENT = {
  keepAlive: true,
  maxSockets: 50,
  // A frozen function wakes to sockets that the other side closed long ago. Node drops idle ones whose time is over
  // before it hands out work, so that the first write after a thaw does not end in a reset.
  timeout: 15_000,
} as const;

/** The constructor argument that all clients share: one attempt (`retry.ts` repeats), keep-alive, bounded waits. */
export function clientConfig(
  { region, endpoint, credentials }: ClientOptions,
  attemptMs: number = RETRY_DEFAULTS.attemptMs,
) {
  return {
    maxAttempts: 1,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: attemptMs,
      throwOnRequestTimeout: true,
      httpAgent: AGENT,
      httpsAgent: AGENT,
    },
  };
}

/** Options of one request: it ends after `ms`, also when the answer has begun and then stalls. */
export const within = (ms: number): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(ms) });
