import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KeyVaultPeer {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** Entra tokens that are accepted. */
  readonly tokens: Set<string>;
  /** Names of the secrets there are, and of those that are deleted but not purged. */
  names(): { readonly live: readonly string[]; readonly deleted: readonly string[] };
  /** Values that can still be read. */
  readable(): readonly string[];
  close(): Promise<void>;
}

export interface KeyVaultOptions {
  /** Purging is refused, as with purge protection. */
  readonly purgeProtection?: boolean;
  /** How many requests to purge a secret come too early, because its deletion is still under way; 1 unless given. */
  readonly slowDeletions?: number;
}

interface Version {
  readonly version: string;
  readonly value: string;
  readonly created: number;
  enabled: boolean;
  tags: Record<string, string>;
}
interface Reply {
  readonly status: number;
  readonly content?: unknown;
  readonly headers?: Record<string, string>;
}

const PAGE = 25;
const MAX_VALUE_BYTES = 25_600;
const NAME = /^[0-9a-z-]{1,127}$/;

/** The secrets of a Key Vault with soft delete, over its REST API 7.4 (https://learn.microsoft.com/rest/api/keyvault/secrets). */
export async function startKeyVault(options: KeyVaultOptions = {}): Promise<KeyVaultPeer> {
  const tokens = new Set<string>();
  const live = new Map<string, Version[]>();
  const deleted = new Map<string, { versions: Version[]; early: number }>();

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const { status, content, headers } = isAuthorized(request, tokens) ? serve(request, body) : CHALLENGE;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(content === undefined ? undefined : JSON.stringify(content));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function serve({ method, url = '' }: IncomingMessage, body: string): Reply {
    const { pathname, searchParams } = new URL(url, endpoint);
    if (!searchParams.has('api-version')) return problem(400, 'BadParameter');
    const [kind, given = '', third] = pathname.split('/').filter(Boolean).map(decodeURIComponent);
    const name = given.toLowerCase();
    if (!NAME.test(name)) return problem(400, 'BadParameter');
    if (kind === 'deletedsecrets') return serveDeleted(method, name, third);
    if (kind !== 'secrets') return problem(404, 'NotFound');
    if (method === 'PUT') return put(name, JSON.parse(body));
    const versions = live.get(name);
    if (!versions) return problem(404, 'SecretNotFound');
    if (method === 'DELETE') return remove(name, versions);
    if (third === 'versions') return list(name, versions, Number(searchParams.get('$skiptoken') ?? 0));
    const version = third ? versions.find((each) => each.version === third) : versions.at(-1);
    if (!version) return problem(404, 'SecretNotFound');
    if (method === 'PATCH') return patch(name, version, JSON.parse(body));
    if (!version.enabled) return problem(403, 'Forbidden', 'SecretDisabled');
    return { status: 200, content: { value: version.value, ...toBundle(name, version) } };
  }

  function serveDeleted(method: string | undefined, name: string, action: string | undefined): Reply {
    const found = deleted.get(name);
    if (!found) return problem(404, 'SecretNotFound');
    if (method === 'GET') return { status: 200, content: { recoveryId: `${endpoint}/deletedsecrets/${name}` } };
    if (action === 'recover') {
      live.set(name, found.versions);
      deleted.delete(name);
      return { status: 200, content: { id: `${endpoint}/secrets/${name}` } };
    }
    if (found.early-- > 0) return problem(409, 'Conflict', 'ObjectIsBeingDeleted');
    if (options.purgeProtection) return problem(403, 'Forbidden', 'ForbiddenByPolicy');
    deleted.delete(name);
    return { status: 204 };
  }

  function put(name: string, { value, tags = {} }: { value?: unknown; tags?: Record<string, string> }): Reply {
    if (deleted.has(name)) return problem(409, 'Conflict', 'ObjectIsDeletedButRecoverable');
    if (typeof value !== 'string' || Buffer.byteLength(value) > MAX_VALUE_BYTES) return problem(400, 'BadParameter');
    if (Object.keys(tags).length > 15 || Object.values(tags).some((tag) => tag.length > 256))
      return problem(400, 'BadParameter');
    const created = Math.floor(Date.now() / 1_000);
    const version = { version: randomBytes(16).toString('hex'), value, created, enabled: true, tags };
    live.set(name, [...(live.get(name) ?? []), version]);
    return { status: 200, content: { value, ...toBundle(name, version) } };
  }

  function patch(
    name: string,
    version: Version,
    sent: { attributes?: { enabled?: boolean }; tags?: Record<string, string> },
  ): Reply {
    version.enabled = sent.attributes?.enabled ?? version.enabled;
    version.tags = sent.tags ?? version.tags;
    return { status: 200, content: toBundle(name, version) };
  }

  function remove(name: string, versions: Version[]): Reply {
    live.delete(name);
    deleted.set(name, { versions, early: options.slowDeletions ?? 1 });
    return { status: 200, content: { recoveryId: `${endpoint}/deletedsecrets/${name}` } };
  }

  /** In no order that is promised. */
  function list(name: string, versions: readonly Version[], from: number): Reply {
    const sorted = versions.toSorted((a, b) => a.version.localeCompare(b.version));
    const nextLink =
      from + PAGE < sorted.length
        ? `${endpoint}/secrets/${name}/versions?api-version=7.4&$skiptoken=${from + PAGE}`
        : null;
    return {
      status: 200,
      content: { value: sorted.slice(from, from + PAGE).map((each) => toBundle(name, each)), nextLink },
    };
  }

  const toBundle = (name: string, { version, created, enabled, tags }: Version) => ({
    id: `${endpoint}/secrets/${name}/${version}`,
    attributes: { enabled, created, updated: created, recoveryLevel: 'Recoverable+Purgeable' },
    tags,
  });

  return {
    endpoint,
    tokens,
    names: () => ({ live: [...live.keys()], deleted: [...deleted.keys()] }),
    readable: () => [...live.values()].flat().flatMap(({ enabled, value }) => (enabled ? [value] : [])),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What tells an SDK where to get a token. */
const CHALLENGE: Reply = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000", resource="https://vault.azure.net"',
  },
  content: { error: { code: 'Unauthorized' } },
};

function isAuthorized({ headers }: IncomingMessage, tokens: ReadonlySet<string>): boolean {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  return scheme === 'Bearer' && tokens.has(token);
}

const problem = (status: number, code: string, inner?: string): Reply => ({
  status,
  content: { error: { code, message: '', ...(inner === undefined ? {} : { innererror: { code: inner } }) } },
});
