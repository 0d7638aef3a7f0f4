/**
 * Secrets. Names are 1 to 120 characters of letters, digits, `-`, `_` and `/`; values are text of at most 25 kB
 * (Key Vault's limit). Values appear in no log and no error.
 */
export interface Vault {
  /** The current value, or that of one version; `undefined` when there is none. */
  get(name: string, version?: string): Promise<Secret | undefined>;
  /** Stores a new current value; the one before stays readable by its version until `keepPrevious` is over. */
  put(name: string, value: string, options?: { keepPreviousMs?: number }): Promise<{ version: string }>;
  /** Newest first; versions past their overlap are not listed. */
  versions(name: string): Promise<readonly SecretVersion[]>;
  /** Removes the secret with all its versions; deleting what is not there is no error. */
  delete(name: string): Promise<void>;
  close?(): Promise<void>;
}

export interface Secret {
  readonly value: string;
  readonly version: string;
}

export interface SecretVersion {
  readonly version: string;
  readonly createdAt: number;
  /** Epoch milliseconds until which a replaced version can still be read; absent on the current one. */
  readonly expiresAt?: number;
}

/** How long a replaced value stays readable unless told otherwise: a day, so that cached clients can catch up. */
export const DEFAULT_OVERLAP_MS = 24 * 60 * 60 * 1000;

/** The names that all vaults take (Secret Manager and Key Vault map `/` to `-`). */
export const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_/-]{0,119}$/;
