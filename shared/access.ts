import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { idFrom } from './domain/ids.ts';
import { AppError } from './errors.ts';
import type { Role } from './function.ts';
import { put } from './pipeline/writes.ts';
import type { Write } from './ports/store.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import type { Runtime } from './runtime.ts';

/** What is kept of an API key: its SHA-256, and a prefix by which people know it. */
export interface StoredKey {
  readonly v: 1;
  readonly id: string;
  readonly hash: string;
  readonly role: MemberRole;
  readonly prefix: string;
  readonly createdAt: number;
}
export type MemberRole = Exclude<Role, 'public'>;

/** The workspace in a key only says where to look; the hash found there is what proves it. */
const KEY = /^tf_([a-z0-9-]{1,40})_[A-Za-z0-9_-]{43}$/;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyId = (hash: string): string => idFrom('key', hash);

export const accessPartition = (id: string): string => `access/${id}`;

/** Makes a key; the write keeps its hash. The key itself is shown once and stored nowhere. */
export function createKey(workspace: string, role: MemberRole, now: number): { id: string; key: string; write: Write } {
  const key = `tf_${workspace}_${randomBytes(32).toString('base64url')}`;
  const hash = sha256(key);
  const id = keyId(hash);
  const stored: StoredKey = { v: 1, id, hash, role, prefix: key.slice(0, workspace.length + 8), createdAt: now };
  return { id, key, write: put('key', { ...stored }, 'absent', { indexes: { i2: { hash: 'keys', sort: id } } }) };
}

/** How long an instance trusts what it read, so that a revoked key is refused everywhere a minute later. */
const CACHE_MS = 60_000;
const UNKNOWN_CACHE_MS = 2_000;
const CACHE_SIZE = 1_000;

export type Authenticate = (authorization: string | null) => Promise<Principal>;

/**
 * Finds the principal of an `Authorization: Bearer` header; without one it is anonymous. Throws 401 for keys that are
 * malformed or unknown, all with the same words.
 */
export function createAuthenticator(runtime: Pick<Runtime, 'store' | 'clock'>): Authenticate {
  const cache = new Map<string, { principal: Principal | undefined; until: number }>();
  return async (authorization) => {
    if (authorization === null) return ANONYMOUS;
    const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const workspace = key && KEY.exec(key)?.[1];
    if (!workspace) throw refused();
    const hash = sha256(key);
    const now = runtime.clock.now();
    const cached = cache.get(hash);
    const principal = cached && cached.until > now ? cached.principal : await look(workspace, hash);
    if (cached?.principal !== principal || !cached || cached.until <= now) {
      if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value ?? '');
      cache.set(hash, { principal, until: now + (principal ? CACHE_MS : UNKNOWN_CACHE_MS) });
    }
    if (!principal) throw refused();
    return principal;
  };

  async function look(workspace: string, hash: string): Promise<Principal | undefined> {
    const item = await runtime.store.get(`${workspace}/${accessPartition(keyId(hash))}`, 'key');
    const stored = item?.value as StoredKey | undefined; // written by createKey alone
    if (!stored || !timingSafeEqual(Buffer.from(stored.hash), Buffer.from(hash))) return undefined;
    return { kind: 'member', id: stored.id, workspace, role: stored.role };
  }
}

const refused = () =>
  new AppError('unauthenticated', 'This needs a valid API key: Authorization: Bearer tf_…', { status: 401 });
