import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const MAX_SKEW_MS = 15 * 60_000;

/**
 * 401 for a signature that is not ours, 403 for a date too far from now
 * (https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources). Entra tokens are taken when they
 * are among `tokens`.
 */
export function refusalOf(request: IncomingMessage, key: string, tokens: ReadonlySet<string>): number | undefined {
  const given = new URLSearchParams(decodeURIComponent(request.headers.authorization ?? '').replaceAll('+', '%2B'));
  if (given.get('type') === 'aad') return tokens.has(given.get('sig') ?? '') ? undefined : 401;
  const date = String(request.headers['x-ms-date'] ?? '');
  const parts = (request.url ?? '').split('?')[0]?.split('/').filter(Boolean).map(decodeURIComponent) ?? [];
  const odd = parts.length % 2 === 1;
  const type = (odd ? parts.at(-1) : parts.at(-2)) ?? '';
  const link = (odd ? parts.slice(0, -1) : parts).join('/');
  const text = `${request.method?.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest();
  const signature = Buffer.from(given.get('sig') ?? '', 'base64');
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return 401;
  return Math.abs(Date.parse(date) - Date.now()) > MAX_SKEW_MS ? 403 : undefined;
}
