import { UnavailableError } from '../../errors.ts';
import { readText, type Transport, TransportError } from './transport.ts';

/** Who calls: the function's own service account in the cloud, a developer's credentials elsewhere. */
export interface Identity {
  /** An access token; `undefined` where none is wanted. */
  token(): Promise<string | undefined>;
  /** Drops the token that was just refused. */
  forget(): void;
  /** The service account's address, as it stands in signed links. */
  email(): Promise<string>;
  /** RSA-SHA256 over `text`, by a key at hand; `undefined` when there is none and IAM has to sign. */
  sign(text: string): Promise<Buffer | undefined>;
}

/** The metadata server hands out the same token until 5 minutes before its end; asking later than that gets a new one. */
const RENEW_BEFORE_MS = 4 * 60_000;
const METADATA_TIMEOUT_MS = 3_000;
const METADATA_ATTEMPTS = 3;

/**
 * The service account that the function runs as, from the metadata server
 * (https://cloud.google.com/compute/docs/access/authenticate-workloads). Throws `UnavailableError` without one.
 */
export function metadataIdentity(transport: Transport, host = 'metadata.google.internal'): Identity {
  let current: { value: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  let address: string | undefined;

  async function ask(path: string): Promise<string> {
    const url = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/${path}`);
    let cause: unknown;
    for (let attempt = 0; attempt < METADATA_ATTEMPTS; attempt += 1) {
      try {
        const headers = { 'metadata-flavor': 'Google' };
        const response = await transport.send({ method: 'GET', url, headers, timeoutMs: METADATA_TIMEOUT_MS });
        const text = await readText(response);
        if (response.status === 200) return text;
        cause = new Error(`the metadata server answered ${response.status}`);
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown;
        cause = thrown;
      }
    }
    throw new UnavailableError("Google's metadata server", 'none', { cause });
  }

  async function renew(): Promise<string> {
    // The moment before asking, on the monotonic clock: neither a slow answer nor a wrong clock makes a token live on.
    const asked = performance.now();
    const answer: { access_token: string; expires_in: number } = JSON.parse(await ask('token'));
    current = { value: answer.access_token, until: asked + answer.expires_in * 1000 - RENEW_BEFORE_MS };
    return answer.access_token;
  }

  return {
    async token() {
      if (current && performance.now() < current.until) return current.value;
      asking ??= renew().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    forget() {
      current = undefined;
    },
    async email() {
      address ??= (await ask('email')).trim();
      return address;
    },
    sign: async () => undefined,
  };
}

/** A fixed token, for emulators: they take any. `email` and `sign` are there for links in tests. */
export function fixedIdentity(token: string, signer?: Pick<Identity, 'email' | 'sign'>): Identity {
  return {
    token: async () => token,
    forget: () => undefined,
    email: signer?.email ?? (async () => 'owner@localhost'),
    sign: signer?.sign ?? (async () => undefined),
  };
}
