import type { Client } from './clients.ts';
import { Fault, toFault } from './errors.ts';
import { type HttpAnswer, type HttpRequest, header, type OpenAnswer } from './http.ts';

/** The container's requests to Blob Storage, signed and named (https://learn.microsoft.com/rest/api/storageservices/). */
export interface Blobs {
  url(key: string, parameters?: Readonly<Record<string, string>>): URL;
  send(request: BlobRequest): Promise<HttpAnswer>;
  open(request: BlobRequest): Promise<OpenAnswer>;
}

export interface BlobRequest extends HttpRequest {
  /** Statuses that mean something to the caller; all others are thrown as faults. */
  readonly expected: readonly number[];
}

const VERSION = '2021-12-02';

export function createBlobs(client: Client, endpoint: string, container: string): Blobs {
  const base = `${endpoint.replace(/\/$/, '')}/${encodeURIComponent(container)}`;
  const versioned = (request: BlobRequest): HttpRequest => ({
    ...request,
    headers: { 'x-ms-version': VERSION, ...request.headers },
  });
  return {
    url(key, parameters = {}) {
      const path = key === '' ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`;
      return new URL(`${base}${path}?${new URLSearchParams(parameters)}`.replace(/\?$/, ''));
    },
    async send(request) {
      return accept(await client.send(versioned(request)), request.expected);
    },
    async open(request) {
      const answer = await client.open(versioned(request));
      if (!request.expected.includes(answer.status)) answer.stream.destroy();
      return accept(answer, request.expected);
    },
  };
}

function accept<A extends HttpAnswer | OpenAnswer>(answer: A, expected: readonly number[]): A {
  const code = header(answer.headers, 'x-ms-error-code');
  // A container that is missing has the status of a blob that is missing, and is another matter.
  if (code === 'ContainerNotFound') throw new Fault('denied', code);
  if (!expected.includes(answer.status)) throw toFault(answer, code);
  return answer;
}
