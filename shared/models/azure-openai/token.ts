import { readFile } from 'node:fs/promises';
import type { Environment } from '../../settings.ts';
import { ModelFailure } from '../routing/failure.ts';

/** Headers that say who we are. */
export type Authorize = () => Promise<Readonly<Record<string, string>>>;

interface Token {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

const RESOURCE = 'https://cognitiveservices.azure.com';
const SCOPE = `${RESOURCE}/.default`;
const EARLY_MS = 5 * 60_000;
const ASK_MS = 5_000;

/**
 * An API key from the variable that the configuration names; else Entra ID: the function app's managed identity
 * (`IDENTITY_ENDPOINT`), a client secret or a federated token (`AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and
 * `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE`), or whatever `@azure/identity` finds on a developer's machine.
 */
export function createAuthorize(apiKeyVariable: string | undefined, env: Environment): Authorize {
  if (apiKeyVariable !== undefined)
    return async () => {
      const key = env[apiKeyVariable];
      if (!key) throw new ModelFailure('denied', `${apiKeyVariable} is not set`);
      return { 'api-key': key };
    };
  const ask = env['IDENTITY_ENDPOINT']
    ? managed
    : env['AZURE_CLIENT_ID'] && env['AZURE_TENANT_ID']
      ? federated
      : developer;
  let current: Promise<Token> | undefined;
  return async () => {
    const last = await current?.catch(() => undefined);
    if (!last || last.until - EARLY_MS < Date.now()) current = ask(env);
    const token = await current;
    return { authorization: `Bearer ${token?.text}` };
  };
}

/** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
async function managed(env: Environment): Promise<Token> {
  const url = new URL(env['IDENTITY_ENDPOINT'] ?? '');
  url.searchParams.set('api-version', '2019-08-01');
  url.searchParams.set('resource', RESOURCE);
  if (env['AZURE_CLIENT_ID']) url.searchParams.set('client_id', env['AZURE_CLIENT_ID']);
  const answer = await askFor(url, { headers: { 'x-identity-header': env['IDENTITY_HEADER'] ?? '' } });
  return { text: String(answer['access_token']), until: Number(answer['expires_on']) * 1000 };
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function federated(env: Environment): Promise<Token> {
  const secret = env['AZURE_CLIENT_SECRET'];
  const file = env['AZURE_FEDERATED_TOKEN_FILE'];
  const proof: Record<string, string> = secret
    ? { client_secret: secret }
    : {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: file ? (await readFile(file, 'utf8')).trim() : '',
      };
  const authority = env['AZURE_AUTHORITY_HOST'] ?? 'https://login.microsoftonline.com';
  const url = new URL(`/${env['AZURE_TENANT_ID']}/oauth2/v2.0/token`, authority);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: env['AZURE_CLIENT_ID'] ?? '',
    scope: SCOPE,
    ...proof,
  });
  const asked = Date.now();
  const answer = await askFor(url, { method: 'POST', body });
  return { text: String(answer['access_token']), until: asked + Number(answer['expires_in']) * 1000 };
}

async function askFor(url: URL, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ASK_MS) }).catch((cause: unknown) => {
    throw new ModelFailure('down', 'Entra ID does not answer', { cause });
  });
  if (!response.ok) throw new ModelFailure('denied', `Entra ID answered ${response.status}`);
  return Object(await response.json());
}

/** Only its one method that is used here. */
interface DeveloperIdentity {
  readonly DefaultAzureCredential: new () => {
    getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>;
  };
}

async function developer(): Promise<Token> {
  // By a name that bundlers do not follow: 125 kB that no function app needs stay on the developer's machine.
  const library = '@azure/identity';
  const { DefaultAzureCredential } = (await import(library)) as DeveloperIdentity;
  const { token, expiresOnTimestamp } = await new DefaultAzureCredential().getToken(SCOPE);
  return { text: token, until: expiresOnTimestamp };
}
