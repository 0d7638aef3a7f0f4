import type { Environment } from '../../settings.ts';
import { ModelFailure } from '../routing/failure.ts';

export type AccessToken = () => Promise<string>;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** The metadata server hands out the same token until 5 minutes before its end. */
const EARLY_MS = 4 * 60_000;
const ASK_MS = 3_000;

/**
 * On Google's own machines the service account, from the metadata server; elsewhere whatever `google-auth-library`
 * finds: a developer's login, a key file, or workload identity federation from another cloud
 * (`GOOGLE_APPLICATION_CREDENTIALS`).
 */
export function createAccessToken(env: Environment): AccessToken {
  return env['K_SERVICE'] || env['GCE_METADATA_HOST'] ? fromMetadata(env) : fromLibrary();
}

/** https://cloud.google.com/compute/docs/access/authenticate-workloads */
function fromMetadata(env: Environment): AccessToken {
  const host = env['GCE_METADATA_HOST'] ?? 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  let current: Promise<{ text: string; until: number }> | undefined;

  async function ask(): Promise<{ text: string; until: number }> {
    const asked = Date.now();
    const headers = { 'metadata-flavor': 'Google' };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ASK_MS) }).catch((cause: unknown) => {
      throw new ModelFailure('down', "Google's metadata server does not answer", { cause });
    });
    if (!response.ok) throw new ModelFailure('denied', `Google's metadata server answered ${response.status}`);
    const answer: { readonly access_token: string; readonly expires_in: number } = Object(await response.json());
    return { text: answer.access_token, until: asked + answer.expires_in * 1000 };
  }

  return async () => {
    const last = await current?.catch(() => undefined);
    if (!last || last.until - EARLY_MS < Date.now()) current = ask();
    return (await current)?.text ?? '';
  };
}

function fromLibrary(): AccessToken {
  const load = async () => {
    const { GoogleAuth } = await import('google-auth-library');
    return new GoogleAuth({ scopes: [SCOPE] });
  };
  let loading: ReturnType<typeof load> | undefined;
  return async () => {
    try {
      loading ??= load();
      return (await (await loading).getAccessToken()) ?? '';
    } catch (cause) {
      loading = undefined;
      throw new ModelFailure('denied', 'there are no credentials of Google', { cause });
    }
  };
}
