import { createSign } from 'node:crypto';
import { UnavailableError } from '../../errors.ts';
import type { Identity } from './identity.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * Credentials for development: the key file, user login or federation that `GOOGLE_APPLICATION_CREDENTIALS` or
 * `gcloud auth application-default login` left. Google's library knows all their forms; it is loaded on first use, so
 * that in the cloud it costs nothing (and a bundle may leave it out). Throws `UnavailableError` without credentials.
 */
export function developerIdentity(): Identity {
  const load = async () => {
    const { GoogleAuth } = await import('google-auth-library');
    return new GoogleAuth({ scopes: [SCOPE] });
  };
  let loading: ReturnType<typeof load> | undefined;
  const ask = async <T>(question: (auth: Awaited<ReturnType<typeof load>>) => Promise<T>): Promise<T> => {
    try {
      loading ??= load();
      return await question(await loading);
    } catch (cause) {
      throw new UnavailableError("Google's credentials", 'none', { cause });
    }
  };
  return {
    token: () => ask(async (auth) => (await auth.getAccessToken()) ?? undefined),
    forget() {
      loading = undefined;
    },
    email: () =>
      ask(async (auth) => {
        const { client_email: email } = await auth.getCredentials();
        if (!email) throw new Error('these credentials belong to no service account; impersonate one to sign links');
        return email;
      }),
    sign: (text) =>
      ask(async (auth) => {
        const { private_key: key } = await auth.getCredentials();
        return key ? createSign('RSA-SHA256').update(text).sign(key) : undefined;
      }),
  };
}
