import { createHmac } from 'node:crypto';
import type { Credential } from './clients.ts';

/** A shared access policy of a Service Bus namespace. */
export interface AccessKey {
  readonly name: string;
  readonly value: string;
}

const VALID_MS = 3_600_000;

/**
 * Signs with a key of Service Bus; for development and tests
 * (https://learn.microsoft.com/rest/api/eventhub/generate-sas-token). The token names the resource, so one serves a queue.
 */
export function sasToken(key: AccessKey): Credential {
  return {
    headers: ({ url }, now) => {
      const resource = encodeURIComponent(`${url.origin}${url.pathname}`.toLowerCase());
      const expiry = Math.floor((now + VALID_MS) / 1_000);
      const signature = createHmac('sha256', key.value).update(`${resource}\n${expiry}`).digest('base64');
      const sig = encodeURIComponent(signature);
      return { authorization: `SharedAccessSignature sr=${resource}&sig=${sig}&se=${expiry}&skn=${key.name}` };
    },
    refusals: [401],
    renew: () => {},
  };
}
