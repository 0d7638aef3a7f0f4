import { createHmac } from 'node:crypto';
import type { Credential } from './clients.ts';
import type { HttpRequest } from './http.ts';

/** Signs with a key of a storage account. */
export const hmac = (key: string, text: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');

/**
 * Signs requests with an account key; for development and tests
 * (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key).
 */
export function sharedKey(account: string, key: string): Credential {
  return {
    headers: (request, now) => {
      const date = { 'x-ms-date': new Date(now).toUTCString() };
      const text = toStringToSign(account, { ...request, headers: { ...request.headers, ...date } });
      return { ...date, authorization: `SharedKey ${account}:${hmac(key, text)}` };
    },
    // A signature is refused with 403; a key knows no other limits.
    refusals: [401, 403],
    renew: () => {},
  };
}

function toStringToSign(account: string, { method, url, headers = {}, body }: HttpRequest): string {
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const standard = [
    ...['content-encoding', 'content-language'].map((name) => headers[name] ?? ''),
    length === 0 ? '' : String(length),
    ...[
      'content-md5',
      'content-type',
      'date',
      'if-modified-since',
      'if-match',
      'if-none-match',
      'if-unmodified-since',
      'range',
    ].map((name) => headers[name] ?? ''),
  ];
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-ms-'));
  const parameters = [...url.searchParams].map(([name, value]) => `${name.toLowerCase()}:${value}`);
  return [
    method,
    ...standard,
    ...own.map(([name, value]) => `${name}:${value}`).sort(),
    [`/${account}${url.pathname}`, ...parameters.sort()].join('\n'),
  ].join('\n');
}
