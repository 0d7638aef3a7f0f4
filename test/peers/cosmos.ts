import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalOf } from './cosmos/auth.ts';
import { createCollection } from './cosmos/collection.ts';

export interface CosmosPeer {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** An account key, made for this run. */
  readonly key: string;
  /** Entra tokens that are accepted. */
  readonly tokens: Set<string>;
  /** Requests since the start, those that were refused included. */
  requests(): number;
  close(): Promise<void>;
}

export interface CosmosOptions {
  /** Physical partitions; a query that names no partition is answered for one of them at a time. */
  readonly keyRanges?: number;
  /** At most so many documents on a page, whatever a query asks for: pages may be shorter although more follow. */
  readonly maxPage?: number;
}

/**
 * Cosmos DB's REST API as far as the store and the SDK's plain calls use it, with the documented rules for etags,
 * transactional batches, patches, paging and expiry. Databases and containers exist as soon as they are named.
 */
export async function startCosmos(options: CosmosOptions = {}): Promise<CosmosPeer> {
  const key = randomBytes(64).toString('base64');
  const tokens = new Set<string>();
  const collections = new Map<string, ReturnType<typeof createCollection>>();
  let requests = 0;

  const server = createServer((request, response) => {
    requests++;
    serve(request, response).catch((error: unknown) => answer(response, 500, { message: String(error) }));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request));
    const refusal = refusalOf(request, key, tokens);
    if (refusal) return answer(response, refusal, { code: refusal === 401 ? 'Unauthorized' : 'Forbidden' });
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === '/') return answer(response, 200, toAccount(endpointOf(request)));
    const [, database, , collection, ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent);
    const link = `${database}/${collection}`;
    let found = collections.get(link);
    if (!found) {
      found = createCollection(collection ?? '', options);
      collections.set(link, found);
    }
    const { status, headers, content } = found(request, rest, body);
    answer(response, status, content, headers);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    key,
    tokens,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const endpointOf = (request: IncomingMessage): string => `http://${request.headers.host}/`;

/** What the SDK reads at its start. */
const toAccount = (endpoint: string) => ({
  id: 'peer',
  writableLocations: [{ name: 'Here', databaseAccountEndpoint: endpoint }],
  readableLocations: [{ name: 'Here', databaseAccountEndpoint: endpoint }],
  userConsistencyPolicy: { defaultConsistencyLevel: 'Strong' },
});

function answer(
  response: ServerResponse,
  status: number,
  content: unknown,
  headers: Record<string, string> = {},
): void {
  const text = content === undefined ? '' : JSON.stringify(content);
  response.writeHead(status, { 'content-type': 'application/json', 'x-ms-request-charge': '1', ...headers });
  response.end(status === 304 || status === 204 ? undefined : text);
}
