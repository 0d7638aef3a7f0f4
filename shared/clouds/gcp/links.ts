import { createHash } from 'node:crypto';
import type { Clients } from './clients.ts';

const ALGORITHM = 'GOOG4-RSA-SHA256';

/** Percent-encoding as Google signs it: everything but letters, digits, `-`, `.`, `_` and `~`. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * A signed link of version 4 (https://cloud.google.com/storage/docs/authentication/canonical-requests), signed by a key
 * at hand or, with the function's own identity, by IAM, which needs `iam.serviceAccounts.signBlob` on itself.
 */
export async function signLink(
  clients: Clients,
  { bucket, key, ttlSeconds, fileName }: { bucket: string; key: string; ttlSeconds: number; fileName?: string },
): Promise<string> {
  const base = new URL(clients.endpoint('storage'));
  const email = await clients.identity.email();
  const at = new Date(clients.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${at.slice(0, 8)}/auto/storage/goog4_request`;
  const query = Object.entries({
    'X-Goog-Algorithm': ALGORITHM,
    'X-Goog-Credential': `${email}/${scope}`,
    'X-Goog-Date': at,
    'X-Goog-Expires': String(ttlSeconds),
    'X-Goog-SignedHeaders': 'host',
    ...(fileName === undefined ? {} : { 'response-content-disposition': toDisposition(fileName) }),
  })
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
  const path = `/${[bucket, ...key.split('/')].map(escaped).join('/')}`;
  const canonical = ['GET', path, query, `host:${base.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const signature = await sign(clients, email, [ALGORITHM, at, scope, digest].join('\n'));
  return `${base.origin}${path}?${query}&X-Goog-Signature=${signature.toString('hex')}`;
}

async function sign(clients: Clients, email: string, text: string): Promise<Buffer> {
  const own = await clients.identity.sign(text);
  if (own) return own;
  const { signedBlob } = await clients.rest('iamCredentials').json<{ signedBlob: string }>({
    method: 'POST',
    path: `/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}:signBlob`,
    body: { payload: Buffer.from(text).toString('base64') },
    safe: true,
  });
  return Buffer.from(signedBlob, 'base64');
}

/** Both forms of RFC 6266: plain for old clients, UTF-8 for the others. */
function toDisposition(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${escaped(fileName)}`;
}
