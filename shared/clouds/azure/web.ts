import type { HttpRequest, HttpResponseInit } from '@azure/functions';

/** Azure's request has the web's shape already; the copy gives the router one that it owns. */
export function toRequest(incoming: HttpRequest): Request {
  const carries = incoming.body !== null && incoming.method !== 'GET' && incoming.method !== 'HEAD';
  return new Request(incoming.url, {
    method: incoming.method,
    headers: [...incoming.headers],
    // Node's own stream type and the web's differ in TypeScript alone.
    ...(carries ? { body: incoming.body as unknown as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

export async function fromResponse(response: Response): Promise<HttpResponseInit> {
  return {
    status: response.status,
    headers: [...response.headers],
    ...(response.status === 204 ? {} : { body: new Uint8Array(await response.arrayBuffer()) }),
  };
}
