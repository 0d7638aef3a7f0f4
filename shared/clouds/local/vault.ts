import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, badRequest, LimitError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { DEFAULT_OVERLAP_MS, SECRET_NAME, type SecretVersion, type Vault } from '../../ports/vault.ts';
import { withFileLock } from './file-lock.ts';
import { asFileError, readIfThere, readOrCreateKey, writeFileAtomically } from './files.ts';
import { sealer } from './sealing.ts';

const WHAT = 'The vault';
const VALUE_BYTES = 25_000;
const FILE_CONTEXT = 'vault-1';

interface Entry extends SecretVersion {
  /** The value, sealed for this name and version; base64. */
  readonly sealed: string;
}

/** What the file holds. `last` counts versions of all names, so that none ever comes back. */
interface Content {
  readonly last: number;
  /** Newest first. */
  readonly secrets: ReadonlyMap<string, readonly Entry[]>;
}

export interface VaultOptions {
  /** The file of the key, of mode 0600; beside the vault unless told otherwise. */
  readonly keyPath?: string;
}

/**
 * Secrets in one file, sealed as a whole and each value once more for its name and version (AES-256-GCM), under a key
 * that is made at first use. Values are open only while they are read or written. A file or key that was tampered with
 * throws `vault_damaged`; a full disk `UnavailableError`. Several processes may use it.
 */
export function openVault(path: string, clock: Clock, options: VaultOptions = {}): Vault {
  const keyPath = options.keyPath ?? `${path}.key`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (readIfThere(path) && !readIfThere(keyPath))
    throw new AppError(
      'vault_key_missing',
      `The vault ${path} needs its key file ${keyPath}; restore it from a backup`,
      { retryable: false },
    );
  const key = readOrCreateKey(keyPath);
  const file = sealer(key, 'vault file');
  const values = sealer(key, 'vault value');
  const damaged = (cause: unknown) =>
    new AppError(
      'vault_damaged',
      `The vault ${path} cannot be opened: it was changed by something else, or its key was`,
      { cause, retryable: false },
    );

  function read(): Content {
    const sealed = readIfThere(path);
    if (!sealed) return { last: 0, secrets: new Map() };
    try {
      // Sealed by `write` below, so nobody else can have made it.
      const content = JSON.parse(file.open(sealed, FILE_CONTEXT).toString()) as {
        last: number;
        secrets: [string, Entry[]][];
      };
      return { last: content.last, secrets: new Map(content.secrets) };
    } catch (error) {
      throw damaged(error);
    }
  }

  function change<T>(changed: (content: Content) => { content: Content; result: T }): T {
    return withFileLock(`${path}.lock`, WHAT, () => {
      const { content, result } = changed(read());
      // What is past its overlap goes with the next change of any secret.
      const secrets = [...content.secrets].map(([name, entries]) => [name, entries.filter(readable)]);
      const json = JSON.stringify({ last: content.last, secrets });
      writeFileAtomically(path, file.seal(Buffer.from(json), FILE_CONTEXT));
      return result;
    });
  }

  const readable = (entry: Entry): boolean => entry.expiresAt === undefined || entry.expiresAt > clock.now();
  const entriesOf = (name: string, content: Content = read()): readonly Entry[] =>
    (content.secrets.get(name) ?? []).filter(readable);

  function open(name: string, { version, sealed }: Entry): string {
    try {
      return values.open(Buffer.from(sealed, 'base64'), contextOf(name, version)).toString();
    } catch (error) {
      throw damaged(error);
    }
  }

  function put(name: string, value: string, keepPreviousMs: number): { version: string } {
    return change((content) => {
      const now = clock.now();
      const last = content.last + 1;
      const version = String(last);
      const sealed = values.seal(Buffer.from(value), contextOf(name, version)).toString('base64');
      const before = entriesOf(name, content).map((entry) => ({
        ...entry,
        expiresAt: entry.expiresAt ?? now + keepPreviousMs,
      }));
      const secrets = new Map(content.secrets).set(name, [{ version, createdAt: now, sealed }, ...before]);
      return { content: { last, secrets }, result: { version } };
    });
  }

  return {
    get: (name, version) =>
      inWords(() => {
        checkName(name);
        const entries = entriesOf(name);
        const entry = version === undefined ? entries[0] : entries.find((each) => each.version === version);
        return entry && { value: open(name, entry), version: entry.version };
      }),
    put: (name, value, { keepPreviousMs = DEFAULT_OVERLAP_MS } = {}) =>
      inWords(() => {
        checkName(name);
        const size = Buffer.byteLength(value);
        if (size > VALUE_BYTES)
          throw new LimitError(`The secret ${name} has ${size} bytes; ${VALUE_BYTES} are the limit`);
        return put(name, value, keepPreviousMs);
      }),
    versions: (name) =>
      inWords(() => {
        checkName(name);
        return entriesOf(name).map(({ sealed: _, ...version }) => version);
      }),
    delete: (name) =>
      inWords(() => {
        checkName(name);
        if (!read().secrets.has(name)) return;
        change((content) => {
          const secrets = new Map(content.secrets);
          secrets.delete(name);
          return { content: { ...content, secrets }, result: undefined };
        });
      }),
  };
}

const contextOf = (name: string, version: string): string => JSON.stringify([name, version]);

function checkName(name: string): void {
  if (!SECRET_NAME.test(name))
    throw badRequest(
      'A secret needs a name of 1 to 120 letters, digits, "-", "_" and "/" that begins with a letter or digit',
    );
}

/** Everything here is synchronous; what it throws comes as a rejection, the disk's trouble in our words. */
async function inWords<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw asFileError(error, WHAT);
  }
}
