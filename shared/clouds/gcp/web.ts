import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** What the Functions Framework hands over: Express's request with the bytes kept beside its parsed body. */
export interface FrameworkRequest {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody?: Buffer;
}
export type FrameworkResponse = ServerResponse;

export function toRequest(incoming: FrameworkRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const { method, rawBody } = incoming;
  const carries = rawBody !== undefined && rawBody.length > 0 && method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(incoming.originalUrl, `https://${incoming.headers.host ?? 'localhost'}`), {
    method,
    headers,
    ...(carries ? { body: new Uint8Array(rawBody) } : {}),
  });
}

/** Google's front end appends the caller to this header; what stands before was said by the caller itself. */
export function addressOf(incoming: FrameworkRequest): string | undefined {
  const header = [incoming.headers['x-forwarded-for'] ?? []].flat().join(',');
  return header === '' ? undefined : header.split(',').at(-1)?.trim();
}

export async function fromResponse(response: Response, outgoing: FrameworkResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
