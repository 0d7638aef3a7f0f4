import type { Clock } from '../../ports/clock.ts';
import { Fault, toFault } from './errors.ts';
import type { Http } from './http.ts';

/** Where access tokens of the function app's own identity come from. */
export interface Identity {
  /** A token for one service, `https://vault.azure.net` for instance. Throws `ConnectionError` or `Fault`. */
  token(resource: string): Promise<string>;
  /** The service refused the last token: the next one is a new one. */
  refused(resource: string): void;
}

export interface ManagedIdentityOptions {
  /** `IDENTITY_ENDPOINT`, set by App Service. */
  readonly endpoint: string;
  /** `IDENTITY_HEADER`, set by App Service; keeps other processes from asking. */
  readonly secret: string;
  /** Of a user-assigned identity; the system-assigned one by default. */
  readonly clientId?: string | undefined;
}

/** Asked for anew this long before the end, so that no request travels with a token that ends on the way. */
const EARLY_MS = 5 * 60_000;
/** The endpoint is on this machine, and may have to ask Entra. */
const TIMEOUT_MS = 3_000;

/**
 * The managed identity of App Service and Functions: one GET on loopback for each service and about a day
 * (https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference).
 */
export function managedIdentity(options: ManagedIdentityOptions, http: Http, clock: Clock): Identity {
  const known = new Map<string, Promise<{ text: string; until: number }>>();

  async function ask(resource: string): Promise<{ text: string; until: number }> {
    const url = new URL(options.endpoint);
    url.searchParams.set('api-version', '2019-08-01');
    url.searchParams.set('resource', resource);
    if (options.clientId) url.searchParams.set('client_id', options.clientId);
    const headers = { 'x-identity-header': options.secret };
    const answer = await http.send({ method: 'GET', url, headers, timeoutMs: TIMEOUT_MS });
    if (answer.status !== 200) throw toFault(answer, 'managed identity');
    const { access_token: text, expires_on: until } = JSON.parse(answer.body.toString());
    if (typeof text !== 'string') throw new Fault('credentials', 'managed identity without token');
    return { text, until: Number(until) * 1_000 };
  }

  async function token(resource: string): Promise<string> {
    const asked = known.get(resource);
    const last = await asked;
    if (last && last.until - EARLY_MS > clock.now()) return last.text;
    // Whoever comes while the question is under way waits for the same answer.
    if (known.get(resource) === asked) known.set(resource, forgetFailure(resource, ask(resource)));
    return (await known.get(resource))?.text ?? token(resource);
  }

  function forgetFailure<T>(resource: string, asking: Promise<T>): Promise<T> {
    asking.catch(() => known.delete(resource));
    return asking;
  }

  return { token, refused: (resource) => known.delete(resource) };
}
