import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type Answer, type Incoming, incoming } from '../../http/exchange.ts';

/** What the Functions Framework hands over: Express's request with the bytes kept beside its parsed body. */
export interface FrameworkRequest {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody?: Buffer;
}
export type FrameworkResponse = ServerResponse;

export function toIncoming({ method, originalUrl, headers, rawBody }: FrameworkRequest): Incoming {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const url = new URL(originalUrl, `https://${headers.host ?? 'localhost'}`);
  return incoming(method, url.href, given, rawBody);
}

/** Google's front end appends the caller to this header; what stands before was said by the caller itself. */
export function addressOf({ headers }: FrameworkRequest): string | undefined {
  const header = [headers['x-forwarded-for'] ?? []].flat().join(',');
  return header === '' ? undefined : header.split(',').at(-1)?.trim();
}

export function fromAnswer({ status, headers, body }: Answer, outgoing: FrameworkResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.end(body);
}
