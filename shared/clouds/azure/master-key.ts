import { createHmac } from 'node:crypto';
import type { Credential } from './clients.ts';

/**
 * Signs with an account key of Cosmos DB; for development and tests
 * (https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources#constructkeytoken).
 */
export function masterKey(key: string): Credential {
  const secret = Buffer.from(key, 'base64');
  return {
    headers: ({ method, url }, now) => {
      const date = new Date(now).toUTCString();
      const { type, link } = resourceOf(url);
      const text = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
      const signature = createHmac('sha256', secret).update(text).digest('base64');
      return { 'x-ms-date': date, authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`) };
    },
    // 403 is the answer to a date that is too far from the service's; a key knows no other limits.
    refusals: [401, 403],
    renew: () => {},
  };
}

/** `/dbs/a/colls/b` is a container; `/dbs/a/colls/b/docs` is what a container has of documents. */
export function resourceOf(url: URL): { type: string; link: string } {
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const isCollection = parts.length % 2 === 1;
  return {
    type: parts.at(isCollection ? -1 : -2) ?? '',
    link: parts.slice(0, isCollection ? -1 : undefined).join('/'),
  };
}
