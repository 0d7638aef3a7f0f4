import { randomBytes } from 'node:crypto';
import { DEFAULT_OVERLAP_MS, type SecretVersion } from '../../ports/vault.ts';

/**
 * Version ids that say when a value was put and how long it lets the one before live: the service takes any 32 to 64
 * characters for an id, so that one request stores value, time and overlap together.
 */
export function toVersionId(now: number, keepPreviousMs: number): string {
  const [at, keep] = [now, Math.max(0, keepPreviousMs)].map((ms) => Math.round(ms).toString(36).padStart(9, '0'));
  return `${at}-${keep}-${randomBytes(12).toString('hex')}`;
}

/** Whether the service would take this for a version id at all. */
export const isVersionId = (version: string): boolean => /^[\w+=,.@-]{32,64}$/.test(version);

/** A version as the service lists it. */
export interface ListedVersion {
  readonly VersionId?: string | undefined;
  readonly VersionStages?: string[] | undefined;
  readonly CreatedDate?: Date | undefined;
}

/**
 * The versions that can still be read at `now`, newest first. Each ends when the overlap that its successor was put
 * with is over. Versions that others made (the console, a rotation) get the usual overlap.
 */
export function toVersions(listed: readonly ListedVersion[], now: number): SecretVersion[] {
  const newestFirst = listed
    .map((each) => ({ ...fromVersionId(each), version: each.VersionId ?? '', rank: toRank(each.VersionStages) }))
    .sort((a, b) => Number(b.rank === 2) - Number(a.rank === 2) || b.createdAt - a.createdAt || b.rank - a.rank);
  return newestFirst.flatMap(({ version, createdAt, rank }, i) => {
    const successor = newestFirst[i - 1];
    if (!successor) return rank === 2 ? [{ version, createdAt }] : [];
    const expiresAt = successor.createdAt + successor.keepPreviousMs;
    return expiresAt > now ? [{ version, createdAt, expiresAt }] : [];
  });
}

/** The service labels two versions; the labels decide what was put in the same millisecond. */
const toRank = (stages: readonly string[] = []): number =>
  stages.includes('AWSCURRENT') ? 2 : stages.includes('AWSPREVIOUS') ? 1 : 0;

function fromVersionId({ VersionId = '', CreatedDate }: ListedVersion): { createdAt: number; keepPreviousMs: number } {
  const [, at, keep] = /^([0-9a-z]{9})-([0-9a-z]{9})-[0-9a-f]{24}$/.exec(VersionId) ?? [];
  if (!at || !keep) return { createdAt: CreatedDate?.getTime() ?? 0, keepPreviousMs: DEFAULT_OVERLAP_MS };
  return { createdAt: Number.parseInt(at, 36), keepPreviousMs: Number.parseInt(keep, 36) };
}
