import { createHash } from 'node:crypto';
import { DEFAULT_OVERLAP_MS } from '../../ports/vault.ts';

const NAME_LENGTH = 127;

/**
 * A name as Key Vault takes it: letters, digits and `-`, in any case the same. `/` becomes `-0`, `_` `-1`, `-` is doubled,
 * and capitals get a `-` in front, so that no two names meet and each can be read back; the rare one that gets too long
 * becomes a hash (`-2`), and its own name stays in a tag.
 */
export function toSecretName(name: string): string {
  const escaped = name.replace(/[/_A-Z-]/g, (c) => (c === '/' ? '-0' : c === '_' ? '-1' : `-${c}`));
  if (escaped.length <= NAME_LENGTH) return escaped;
  return `-2${createHash('sha256').update(name).digest('hex')}`;
}

/** The name of which `toSecretName` made this one; nothing for a hash. */
export function fromSecretName(secretName: string): string | undefined {
  if (secretName.startsWith('-2')) return undefined;
  return secretName.replace(/-(.)/g, (_, c: string) => (c === '0' ? '/' : c === '1' ? '_' : c));
}

/** A version as Key Vault lists it, without its value. */
export interface Listed {
  readonly id: string;
  readonly attributes: { readonly enabled: boolean; readonly created: number };
  readonly tags?: Readonly<Record<string, string>>;
}

/** A version in the order of time. */
export interface Past {
  readonly version: string;
  readonly enabled: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Epoch milliseconds until which it can be read; nothing for the current one. */
  readonly until: number | undefined;
}

export function toTags(tags: { name: string; at: number; sequence: number; keepMs: number }): Record<string, string> {
  return { name: tags.name, at: String(tags.at), seq: String(tags.sequence), keep: String(tags.keepMs) };
}

/**
 * The versions, newest first, each with the end that the one after it has set. Those before a `first` belong to a
 * secret that was deleted. What an operator has put by hand has no tags: its time is Key Vault's own (in seconds), and
 * it leaves the ones before the usual overlap.
 */
export function toHistory(listed: readonly Listed[]): Past[] {
  const read = ({ id, attributes, tags = {} }: Listed) => ({
    version: versionOf(id),
    enabled: attributes.enabled,
    created: attributes.created,
    at: Number(tags['at'] ?? attributes.created * 1_000),
    sequence: Number(tags['seq'] ?? 0),
    keep: Number(tags['keep'] ?? DEFAULT_OVERLAP_MS),
    isFirst: tags['first'] !== undefined,
  });
  const sorted = listed.map(read).sort((a, b) => b.created - a.created || b.at - a.at || b.sequence - a.sequence);
  const oldest = sorted.findIndex(({ isFirst }) => isFirst);
  const alive = oldest < 0 ? sorted : sorted.slice(0, oldest + 1);
  return alive.map(({ version, enabled, at }, i) => {
    const successor = alive[i - 1];
    return { version, enabled, at, until: successor && successor.at + successor.keep };
  });
}

/** The end of a version: never for the current one, and long ago for one that is not there. */
export function endOf(history: readonly Past[], version: string): number {
  const past = history.find((each) => each.version === version);
  return past ? (past.until ?? Number.POSITIVE_INFINITY) : 0;
}

/** `https://name.vault.azure.net/secrets/name/version` */
export const versionOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
