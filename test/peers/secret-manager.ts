import { randomUUID } from 'node:crypto';
import { type Peer, type PeerAnswer, type PeerRequest, Refusal, startPeer } from './google-server.ts';

interface Version {
  readonly number: number;
  readonly createTime: string;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
  /** base64; gone when destroyed. */
  data: string | undefined;
}

interface Secret {
  readonly name: string;
  etag: string;
  annotations: Record<string, string>;
  readonly versions: Version[];
}

const VALUE_BYTES = 65_536;
const newTag = () => `"${randomUUID()}"`;

export interface SecretManagerPeer extends Peer {
  /** Base64 of every value that is still held, to see what was destroyed. */
  held(): string[];
}

/**
 * Secret Manager's REST API as far as a vault needs it, by its documented rules: names, etags (a stale one is a failed
 * precondition), `latest` whatever its state, disabled and destroyed versions, pages, limits of values and annotations.
 * https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets
 */
export async function startSecretManager(): Promise<SecretManagerPeer> {
  const secrets = new Map<string, Secret>();
  const peer = await startPeer((request) => answer(secrets, request));
  const versions = () => [...secrets.values()].flatMap((secret) => secret.versions);
  return { ...peer, held: () => versions().flatMap(({ data }) => (data === undefined ? [] : [data])) };
}

const PATH =
  /^\/v1\/projects\/([^/]+)\/secrets(?:\/([A-Za-z0-9_-]{1,255}))?(?:\/versions(?:\/(\d+|latest))?)?(?::(\w+))?$/;

function answer(secrets: Map<string, Secret>, { method, url, path, headers, body }: PeerRequest): PeerAnswer {
  if (!headers.authorization?.startsWith('Bearer ')) throw new Refusal(401, 'UNAUTHENTICATED', 'No token');
  const [, project, id, number, verb] = PATH.exec(url.pathname) ?? [];
  if (!project) throw new Refusal(404, 'NOT_FOUND', `No such path: ${path}`);
  const sent = body.length > 0 ? JSON.parse(body.toString()) : {};
  const ask = `${method} ${/\/versions/.test(url.pathname) ? 'version' : 'secret'}${number ? '/' : ''}${verb ? `:${verb}` : ''}`;
  if (ask === 'POST secret' && !id) return created(secrets, `projects/${project}/secrets/`, url, sent);
  const secret = secrets.get(id ?? '');
  if (!secret) throw new Refusal(404, 'NOT_FOUND', `Secret [${id}] not found or has no versions.`);
  switch (ask) {
    case 'GET secret':
      return { status: 200, body: toResource(secret) };
    case 'PATCH secret':
      return patched(secret, url, sent);
    case 'DELETE secret':
      secrets.delete(id ?? '');
      return { status: 200, body: {} };
    case 'POST secret:addVersion':
      return added(secret, sent);
    case 'GET version':
      return listed(secret, url);
    case 'GET version/':
      return { status: 200, body: toVersion(secret, versionOf(secret, number)) };
    case 'GET version/:access':
      return accessed(secret, versionOf(secret, number));
    case 'POST version/:disable':
      return changed(secret, versionOf(secret, number), 'DISABLED');
    case 'POST version/:destroy':
      return changed(secret, versionOf(secret, number), 'DESTROYED');
    default:
      throw new Refusal(404, 'NOT_FOUND', `No such method: ${ask}`);
  }
}

type Sent = {
  readonly etag?: string;
  readonly replication?: object;
  readonly annotations?: Record<string, string>;
  readonly payload?: { readonly data?: string };
};

function created(secrets: Map<string, Secret>, parent: string, url: URL, sent: Sent): PeerAnswer {
  const id = url.searchParams.get('secretId') ?? '';
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) throw new Refusal(400, 'INVALID_ARGUMENT', 'Bad secretId');
  if (!sent.replication) throw new Refusal(400, 'INVALID_ARGUMENT', 'Secret.replication must be set');
  if (secrets.has(id)) throw new Refusal(409, 'ALREADY_EXISTS', `Secret [${parent}${id}] already exists.`);
  const annotations = checked(sent.annotations ?? {});
  const secret: Secret = { name: parent + id, etag: newTag(), annotations, versions: [] };
  secrets.set(id, secret);
  return { status: 200, body: toResource(secret) };
}

function patched(secret: Secret, url: URL, sent: Sent): PeerAnswer {
  if (url.searchParams.get('updateMask') !== 'annotations')
    throw new Refusal(400, 'INVALID_ARGUMENT', 'Only annotations can be changed here');
  if (sent.etag !== undefined && sent.etag !== secret.etag)
    throw new Refusal(400, 'FAILED_PRECONDITION', 'The etag provided does not match the current one');
  secret.annotations = checked(sent.annotations ?? {});
  secret.etag = newTag();
  return { status: 200, body: toResource(secret) };
}

/** https://cloud.google.com/secret-manager/docs/creating-and-managing-annotations */
function checked(annotations: Record<string, string>): Record<string, string> {
  const names = Object.keys(annotations);
  if (names.some((name) => !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(name)))
    throw new Refusal(400, 'INVALID_ARGUMENT', 'Bad annotation key');
  if (Buffer.byteLength(JSON.stringify(annotations)) > 16_384)
    throw new Refusal(400, 'INVALID_ARGUMENT', 'Annotations are too large');
  return annotations;
}

function added(secret: Secret, sent: Sent): PeerAnswer {
  const data = sent.payload?.data ?? '';
  if (Buffer.from(data, 'base64').length > VALUE_BYTES) throw new Refusal(400, 'INVALID_ARGUMENT', 'Payload too large');
  const version: Version = {
    number: secret.versions.length + 1,
    createTime: new Date().toISOString(),
    state: 'ENABLED',
    data,
  };
  secret.versions.push(version);
  return { status: 200, body: toVersion(secret, version) };
}

function listed(secret: Secret, url: URL): PeerAnswer {
  const filter = url.searchParams.get('filter');
  if (filter && filter !== 'state:ENABLED') throw new Refusal(400, 'INVALID_ARGUMENT', 'Unknown filter');
  const all = secret.versions.toReversed().filter(({ state }) => !filter || state === 'ENABLED');
  const from = Number(url.searchParams.get('pageToken') ?? 0);
  // Pages are shorter than asked for, as Google allows itself.
  const to = from + Math.min(Number(url.searchParams.get('pageSize') || 25), 2);
  const versions = all.slice(from, to).map((version) => toVersion(secret, version));
  return {
    status: 200,
    body: { versions, totalSize: all.length, ...(to < all.length ? { nextPageToken: `${to}` } : {}) },
  };
}

function accessed(secret: Secret, version: Version): PeerAnswer {
  const { name } = toVersion(secret, version);
  if (version.state !== 'ENABLED')
    throw new Refusal(400, 'FAILED_PRECONDITION', `Secret Version [${name}] is in ${version.state} state.`);
  return { status: 200, body: { name, payload: { data: version.data } } };
}

function changed(secret: Secret, version: Version, state: 'DISABLED' | 'DESTROYED'): PeerAnswer {
  if (version.state === 'DESTROYED')
    throw new Refusal(400, 'FAILED_PRECONDITION', 'SecretVersion.state is already DESTROYED.');
  version.state = state;
  if (state === 'DESTROYED') version.data = undefined;
  return { status: 200, body: toVersion(secret, version) };
}

function versionOf(secret: Secret, number: string | undefined): Version {
  const version = secret.versions.at(number === 'latest' ? -1 : Number(number) - 1);
  if (!version) throw new Refusal(404, 'NOT_FOUND', `Secret Version [${secret.name}/versions/${number}] not found.`);
  return version;
}

const toResource = ({ name, etag, annotations }: Secret) => ({
  name,
  etag,
  annotations,
  replication: { automatic: {} },
});

const toVersion = ({ name }: Secret, { number, createTime, state }: Version) => ({
  name: `${name}/versions/${number}`,
  createTime,
  state,
});
