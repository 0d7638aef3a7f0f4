import { LimitError } from '../../errors.ts';
import { DEFAULT_OVERLAP_MS, type SecretVersion, type Vault } from '../../ports/vault.ts';
import type { Clients } from './clients.ts';
import { GoogleError } from './errors.ts';
import {
  type Annotations,
  endOf,
  forgetBelow,
  fromAnnotation,
  fromCreateTime,
  type Put,
  toAnnotation,
} from './overlaps.ts';
import { refusing } from './rest.ts';
import { toSecretId } from './secret-names.ts';

export interface VaultOptions {
  /** Before each name, so that a project's other secrets stay apart; `trifold-` unless given, at most 15 characters. */
  readonly prefix?: string;
}

/** Key Vault's limit, which the port promises for all clouds; Secret Manager itself takes 64 KiB. */
const VALUE_BYTES = 25_000;
const PAGE = 250;

interface SecretResource {
  readonly etag: string;
  readonly annotations?: Annotations;
}

interface VersionResource {
  readonly name: string;
  readonly state: string;
  readonly createTime: string;
}

/**
 * The vault on Secret Manager, over REST. Reading the current value is one request; a version that was replaced is also
 * looked up in the secret's annotations, which say until when it may be read. Versions are destroyed by the first put
 * after their end.
 */
export function createVault(clients: Clients, { prefix = 'trifold-' }: VaultOptions = {}): Vault {
  const rest = clients.rest('secretManager');
  const parent = `/v1/projects/${clients.project}/secrets`;
  const pathOf = (name: string) => `${parent}/${toSecretId(prefix, name)}`;
  const now = () => clients.clock.now();

  const secretOf = (path: string) => orNothing(rest.json<SecretResource>({ method: 'GET', path, safe: true }));

  /** `latest` is the version made last, whatever its state. */
  async function access(path: string, version: string): Promise<{ value: string; number: number } | undefined> {
    const call = { method: 'GET', path: `${path}/versions/${version}:access`, safe: true } as const;
    // A version that was disabled or destroyed is refused as a failed precondition.
    const found = await orNothing(rest.json<{ name: string; payload: { data?: string } }>(call), 'FAILED_PRECONDITION');
    if (!found) return undefined;
    return { value: Buffer.from(found.payload.data ?? '', 'base64').toString('utf8'), number: numberOf(found.name) };
  }

  /** The put that replaced a version; `undefined` while it is the current one. */
  async function successorOf(path: string, number: number, annotations: Annotations): Promise<Put | undefined> {
    const noted = fromAnnotation(annotations, number + 1);
    if (noted) return noted;
    // Either nothing came after, or a put was cut short before it could write its annotation.
    const call = { method: 'GET', path: `${path}/versions/${number + 1}`, safe: true } as const;
    const next = await orNothing(rest.json<VersionResource>(call));
    return next ? fromCreateTime(next.createTime) : undefined;
  }

  async function list(path: string): Promise<VersionResource[]> {
    const found: VersionResource[] = [];
    let pageToken: string | undefined;
    do {
      const query = { pageSize: PAGE, pageToken, filter: 'state:ENABLED' };
      const call = { method: 'GET', path: `${path}/versions`, query, safe: true } as const;
      const page = await orNothing(rest.json<{ versions?: VersionResource[]; nextPageToken?: string }>(call));
      found.push(...(page?.versions ?? []));
      pageToken = page?.nextPageToken || undefined;
    } while (pageToken);
    return found.toSorted((a, b) => numberOf(b.name) - numberOf(a.name));
  }

  /** Enabled versions, newest first, each with its end; those past it included. */
  async function overlapping(path: string, annotations: Annotations) {
    const found = await list(path);
    return found.map((version, i) => {
      const number = numberOf(version.name);
      const newer = found[i - 1];
      const successor = newer && (fromAnnotation(annotations, number + 1) ?? fromCreateTime(newer.createTime));
      const createdAt = fromAnnotation(annotations, number)?.at ?? Date.parse(version.createTime);
      return { number, createdAt, expiresAt: successor && endOf(successor) };
    });
  }

  /** Writes what is to be known of a put, unless another put writes at the same moment: then again, on top of it. */
  async function note(path: string, own: Annotations, first: number): Promise<void> {
    const deadline = rest.deadline();
    for (let attempt = 0; ; attempt += 1) {
      const secret = await rest.json<SecretResource>({ method: 'GET', path, safe: true, deadline });
      const annotations = { ...forgetBelow(secret.annotations ?? {}, first), ...own };
      const query = { updateMask: 'annotations' };
      try {
        const body = { etag: secret.etag, annotations };
        await rest.json({ method: 'PATCH', path, query, body, safe: true, deadline });
        return;
      } catch (thrown) {
        if (!(thrown instanceof GoogleError && thrown.reason === 'FAILED_PRECONDITION')) throw thrown;
        await rest.pause(attempt, deadline, thrown, 'unknown');
      }
    }
  }

  async function put(path: string, value: string, keepMs: number): Promise<{ version: string }> {
    const at = now();
    const body = { payload: { data: Buffer.from(value).toString('base64') } };
    const addVersion = () =>
      rest.json<VersionResource>({ method: 'POST', path: `${path}:addVersion`, body, safe: false });
    const createFirst = async () => {
      await createSecret(path);
      return addVersion();
    };
    const added = (await orNothing(addVersion())) ?? (await createFirst());
    const number = numberOf(added.name);
    if (number === 1) return { version: '1' };
    const known = (await secretOf(path))?.annotations ?? {};
    const own = toAnnotation(number, at, keepMs);
    const versions = await overlapping(path, { ...known, ...own });
    const over = versions.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now());
    const oldest = Math.min(...versions.filter((version) => !over.includes(version)).map((version) => version.number));
    await note(path, own, oldest);
    for (const version of over) await destroy(path, version.number);
    return { version: String(number) };
  }

  /** Another put may have made it meanwhile. */
  async function createSecret(path: string): Promise<void> {
    const query = { secretId: path.slice(parent.length + 1) };
    const body = { replication: { automatic: {} } };
    try {
      await rest.json({ method: 'POST', path: parent, query, body, safe: true });
    } catch (thrown) {
      if (!(thrown instanceof GoogleError && thrown.reason === 'ALREADY_EXISTS')) throw thrown;
    }
  }

  /** Only this makes a version's bytes go away; what is destroyed already is refused, and that is fine. */
  async function destroy(path: string, number: number): Promise<void> {
    const call = { method: 'POST', path: `${path}/versions/${number}:destroy`, body: {}, safe: true } as const;
    await orNothing(rest.json(call), 'FAILED_PRECONDITION');
  }

  return {
    get: (name, version) =>
      refusing(rest.service, async () => {
        const path = pathOf(name);
        if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) return undefined;
        const [found, secret] = await Promise.all([
          access(path, version ?? 'latest'),
          version === undefined ? undefined : secretOf(path),
        ]);
        if (!found) return undefined;
        if (version !== undefined) {
          const successor = await successorOf(path, found.number, secret?.annotations ?? {});
          if (successor && endOf(successor) <= now()) return undefined;
        }
        return { value: found.value, version: String(found.number) };
      }),
    put: (name, value, { keepPreviousMs = DEFAULT_OVERLAP_MS } = {}) =>
      refusing(rest.service, async () => {
        const path = pathOf(name);
        const size = Buffer.byteLength(value);
        if (size > VALUE_BYTES)
          throw new LimitError(`The secret ${name} has ${size} bytes; ${VALUE_BYTES} are the limit`);
        return put(path, value, keepPreviousMs);
      }),
    versions: (name) =>
      refusing(rest.service, async () => {
        const path = pathOf(name);
        const secret = await secretOf(path);
        if (!secret) return [];
        const versions = await overlapping(path, secret.annotations ?? {});
        return versions.flatMap(({ number, createdAt, expiresAt }): SecretVersion[] => {
          if (expiresAt === undefined) return [{ version: String(number), createdAt }];
          return expiresAt > now() ? [{ version: String(number), createdAt, expiresAt }] : [];
        });
      }),
    delete: (name) =>
      refusing(rest.service, async () => {
        await orNothing(rest.json({ method: 'DELETE', path: pathOf(name), safe: true }));
      }),
    close: async () => clients.close(),
  };
}

const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('/') + 1));

/** `undefined` where Google says that there is nothing, or one of the `reasons`. */
async function orNothing<T>(answer: Promise<T>, ...reasons: string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof GoogleError && ['NOT_FOUND', ...reasons].includes(thrown.reason)) return undefined;
    throw thrown;
  }
}
