import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Signed {
  readonly method: string;
  /** Path as it came, still escaped, with its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Checks a signature of version 4 as AWS does, and says what is wrong with it; `undefined` when nothing is
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export function wrongSignature(
  { method, path, headers, body }: Signed,
  key: SigningKey,
  service: string,
): string | undefined {
  const header = headers.authorization ?? '';
  const [, id, date, region, signedService, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    ) ?? [];
  if (!id || !date || !region || !signedService || !names || !signature) return 'MissingAuthenticationToken';
  if (id !== key.accessKeyId) return 'UnrecognizedClientException';
  const time = String(headers['x-amz-date']);
  if (signedService !== service || !time.startsWith(date)) return 'IncompleteSignature';
  const [rawPath = '/', query = ''] = path.split('?');
  // Each part of the path is escaped once more than it travels; S3 alone is spared.
  const canonicalPath = rawPath
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
  const canonical = [
    method,
    canonicalPath,
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${headerOf(headers, name)}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signing = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const expected = createHmac('sha256', signing).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'InvalidSignatureException';
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
/** HTTP/2 carries the host as `:authority`. */
const headerOf = (headers: IncomingHttpHeaders, name: string): string =>
  String((name === 'host' ? (headers.host ?? headers[':authority']) : headers[name]) ?? '')
    .trim()
    .replace(/ +/g, ' ');
