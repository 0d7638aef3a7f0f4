import { type Clock, systemClock } from '../../ports/clock.ts';
import { developerIdentity } from './developer-identity.ts';
import { fixedIdentity, type Identity, metadataIdentity } from './identity.ts';
import { createRest, type Rest, type RestOptions, type Retry } from './rest.ts';
import { createTransport } from './transport.ts';

/** The Google APIs that the ports stand on, with their public addresses. */
export const ENDPOINTS = {
  firestore: 'https://firestore.googleapis.com',
  pubsub: 'https://pubsub.googleapis.com',
  secretManager: 'https://secretmanager.googleapis.com',
  storage: 'https://storage.googleapis.com',
  iamCredentials: 'https://iamcredentials.googleapis.com',
} as const;
export type Service = keyof typeof ENDPOINTS;

const NAMES: Readonly<Record<Service, string>> = {
  firestore: 'Firestore',
  pubsub: 'Pub/Sub',
  secretManager: 'Secret Manager',
  storage: 'Cloud Storage',
  iamCredentials: 'IAM',
};

export interface ClientOptions {
  readonly project: string;
  /** Other addresses than the public ones: emulators, private endpoints. */
  readonly endpoints?: { readonly [S in Service]?: string };
  /** The function's own service account unless given. */
  readonly identity?: Identity;
  readonly clock?: Clock;
  /** The running invocation's own end: no retry begins after it. */
  readonly signal?: () => AbortSignal | undefined;
  /** Milliseconds for a whole operation with its retries (default 20 s), and for one attempt (default 8 s). */
  readonly timeoutMs?: number;
  readonly attemptMs?: number;
  /** Called before each retry; throttling is counted here. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Clients {
  readonly project: string;
  readonly identity: Identity;
  readonly clock: Clock;
  /** One client for each service and instance, made on first use, all on the same kept connections. */
  rest(service: Service): Rest;
  endpoint(service: Service): string;
  close(): void;
}

/** Clients of one instance. Nothing is asked of the network until the first call. */
export function createClients(options: ClientOptions): Clients {
  const transport = createTransport();
  const identity = options.identity ?? metadataIdentity(transport);
  const made = new Map<Service, Rest>();
  const endpoint = (service: Service) => options.endpoints?.[service] ?? ENDPOINTS[service];

  function make(service: Service): Rest {
    const settings: RestOptions = {
      service: NAMES[service],
      baseUrl: endpoint(service),
      identity,
      transport,
      // Firestore and Secret Manager may quote what they were sent; secrets and tickets stay out of errors.
      quiet: service !== 'pubsub' && service !== 'storage',
      clock: options.clock,
      signal: options.signal,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.attemptMs === undefined ? {} : { attemptMs: options.attemptMs }),
      ...(options.onRetry ? { onRetry: options.onRetry } : {}),
    };
    return createRest(settings);
  }

  return {
    project: options.project,
    identity,
    clock: options.clock ?? systemClock,
    endpoint,
    rest(service) {
      const rest = made.get(service) ?? make(service);
      made.set(service, rest);
      return rest;
    },
    close: () => transport.close(),
  };
}

/**
 * Where to find the services and who to be, by the variables that Google's own tools read: `FIRESTORE_EMULATOR_HOST`,
 * `PUBSUB_EMULATOR_HOST`, `STORAGE_EMULATOR_HOST`, `CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER`. Cloud Run sets
 * `K_SERVICE`; there the function's own service account speaks, elsewhere the developer's credentials do.
 */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Pick<ClientOptions, 'endpoints' | 'identity'> {
  const http = (host: string | undefined) => (host && !host.includes('://') ? `http://${host}` : host);
  const found = {
    firestore: http(env['FIRESTORE_EMULATOR_HOST']),
    pubsub: http(env['PUBSUB_EMULATOR_HOST']),
    storage: http(env['STORAGE_EMULATOR_HOST']),
    secretManager: http(env['CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER']),
  };
  const endpoints = Object.fromEntries(
    Object.entries(found).flatMap(([service, url]) => (url ? [[service, url.replace(/\/$/, '')]] : [])),
  );
  const emulated = found.firestore !== undefined || found.pubsub !== undefined;
  if (emulated) return { endpoints, identity: fixedIdentity('owner') };
  return env['K_SERVICE'] ? { endpoints } : { endpoints, identity: developerIdentity() };
}
