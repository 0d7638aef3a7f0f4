import { badRequest, LimitError } from '../../errors.ts';
import { DEFAULT_OVERLAP_MS, SECRET_NAME, type Vault } from '../../ports/vault.ts';
import { bearer, type ClientOptions, createClient } from './clients.ts';
import { Fault, toFault } from './errors.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { endOf, type Listed, toHistory, toSecretName, toTags, versionOf } from './secrets.ts';

export interface VaultOptions extends ClientOptions {
  /** `https://name.vault.azure.net` */
  readonly endpoint: string;
}

const WHAT = 'The vault';
const VALUE_BYTES = 25_000;
const VERSION = /^[0-9a-f]{32}$/;

/**
 * Secrets in Key Vault. When a value is replaced, the new version says for how long the ones before stay readable, so
 * that one request does both; versions past their overlap are disabled when the next value is put. Deleting purges, as
 * far as the vault lets us: where purging is forbidden, a deleted secret is recovered when its name is used again, and
 * what it held stays out of reach.
 */
export function createVault(options: VaultOptions): Vault {
  const client = createClient(WHAT, bearer('https://vault.azure.net', options), options);
  const { clock, retrying } = client;
  /** Orders puts of one process within a millisecond. */
  let sequence = 0;

  function ask(method: HttpRequest['method'], path: string, body?: unknown, query = ''): Promise<HttpAnswer> {
    const url = new URL(`${options.endpoint.replace(/\/$/, '')}${path}${query || '?api-version=7.4'}`);
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return client.send({ method, url, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  /** The answer's JSON; nothing when there is no such secret or version, or it is disabled. */
  async function read(path: string, query?: string): Promise<Record<string, unknown> | undefined> {
    const answer = await ask('GET', path, undefined, query);
    if (answer.status === 200) return JSON.parse(answer.body.toString());
    if (answer.status === 404 || isDisabled(answer)) return undefined;
    throw toFault(answer, codesOf(answer)[0]);
  }

  async function list(name: string): Promise<Listed[]> {
    const all: Listed[] = [];
    let query: string | undefined;
    do {
      const page = await read(`/secrets/${name}/versions`, query);
      // The casts trust the documented form of the answer.
      all.push(...((page?.['value'] ?? []) as Listed[]));
      const next = page?.['nextLink'];
      // Only its question is followed, not its address: the token is for this vault.
      query = typeof next === 'string' ? new URL(next).search : undefined;
    } while (query !== undefined);
    return all;
  }

  async function write(name: string, body: Record<string, unknown>): Promise<string> {
    const answer = await ask('PUT', `/secrets/${name}`, body);
    if (answer.status === 200) return versionOf(JSON.parse(answer.body.toString()).id);
    const codes = codesOf(answer);
    // Deleted and not purged: its name comes back with all its versions. A 409 of another kind passes by itself.
    if (codes.includes('ObjectIsDeletedButRecoverable')) {
      const recovery = await ask('POST', `/deletedsecrets/${name}/recover`, {});
      if (recovery.status !== 200) throw toFault(recovery, codesOf(recovery)[0]);
      Object.assign(body, { tags: { ...Object(body['tags']), first: 'true' } });
    }
    if (answer.status === 409) throw new Fault('busy', `409 ${codes[0]}`);
    throw toFault(answer, codes[0]);
  }

  /** Makes versions past their overlap unreadable for everybody else too. The current one is left alone whatever we think. */
  async function disableEnded(name: string): Promise<void> {
    const now = clock.now();
    const listed = await list(name);
    const history = toHistory(listed);
    const ended = listed.filter(({ id, attributes }) => {
      return attributes.enabled && !(endOf(history, versionOf(id)) > now);
    });
    if (ended.length === 0) return;
    const current = versionOf(String((await read(`/secrets/${name}`))?.['id']));
    for (const version of ended.map(({ id }) => versionOf(id)).filter((each) => each !== current)) {
      const answer = await ask('PATCH', `/secrets/${name}/${version}`, { attributes: { enabled: false } });
      if (answer.status !== 200 && answer.status !== 404) throw toFault(answer, codesOf(answer)[0]);
    }
  }

  async function purge(name: string): Promise<void> {
    const answer = await ask('DELETE', `/deletedsecrets/${name}`);
    // Deletion takes some seconds, during which there is nothing to purge yet.
    if (answer.status === 409) throw new Fault('busy', `409 ${codesOf(answer)[0]}`);
    // 403: purging is not for us, or protected. The secret is deleted nevertheless.
    if (![204, 403, 404].includes(answer.status)) throw toFault(answer, codesOf(answer)[0]);
  }

  return {
    async get(name, version) {
      const path = `/secrets/${toSecretName(checkName(name))}`;
      if (version !== undefined && !VERSION.test(version)) return undefined;
      return retrying({ operation: 'get' }, async () => {
        if (version !== undefined) {
          const history = toHistory(await list(toSecretName(name)));
          if (!(endOf(history, version) > clock.now())) return undefined;
        }
        const found = await read(version === undefined ? path : `${path}/${version}`);
        return found && { value: String(found['value']), version: versionOf(String(found['id'])) };
      });
    },
    async put(name, value, { keepPreviousMs = DEFAULT_OVERLAP_MS } = {}) {
      const secret = toSecretName(checkName(name));
      if (Buffer.byteLength(value) > VALUE_BYTES)
        throw new LimitError(`The secret ${name} is too large; ${VALUE_BYTES} bytes are the limit`);
      const tags = toTags({ name, at: clock.now(), sequence: ++sequence, keepMs: keepPreviousMs });
      const body = { value, tags };
      const version = await retrying({ operation: 'put' }, () => write(secret, body));
      await retrying({ operation: 'disable' }, () => disableEnded(secret));
      return { version };
    },
    async versions(name) {
      const secret = toSecretName(checkName(name));
      const listed = await retrying({ operation: 'versions' }, () => list(secret));
      const now = clock.now();
      return toHistory(listed)
        .filter(({ until, enabled }) => enabled && (until === undefined || until > now))
        .map(({ version, at, until }) => ({
          version,
          createdAt: at,
          ...(until === undefined ? {} : { expiresAt: until }),
        }));
    },
    async delete(name) {
      const secret = toSecretName(checkName(name));
      await retrying({ operation: 'delete' }, async () => {
        const answer = await ask('DELETE', `/secrets/${secret}`);
        if (![200, 404].includes(answer.status)) throw toFault(answer, codesOf(answer)[0]);
      });
      await retrying({ operation: 'purge' }, () => purge(secret));
    },
    close: client.close,
  };
}

function checkName(name: string): string {
  if (!SECRET_NAME.test(name))
    throw badRequest(
      'The name of a secret has 1 to 120 letters, digits, -, _ and /, and begins with a letter or digit',
    );
  return name;
}

const isDisabled = (answer: HttpAnswer): boolean => answer.status === 403 && codesOf(answer).includes('SecretDisabled');

/** Key Vault's own names of an error, the outer first; empty where a gateway answered. */
function codesOf(answer: HttpAnswer): string[] {
  try {
    const { error } = JSON.parse(answer.body.toString());
    return [error?.code, error?.innererror?.code].filter((code) => typeof code === 'string');
  } catch {
    return [];
  }
}
