import { newId } from './domain/ids.ts';
import { ConflictError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** Held by one instance at a time; `token` grows with each holder, so that what a late holder writes can be refused. */
export interface Lease {
  readonly token: number;
  readonly until: number;
  /** False when somebody else has it meanwhile. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

interface Held {
  readonly token: number;
  readonly holder: string;
  readonly until: number;
}

const KEY = 'lease';

/**
 * Takes the lease `name` for `ttlMs`, or returns `undefined` when it is held. The fencing token is data, never a
 * version, and survives release and expiry.
 */
export async function acquireLease(
  runtime: Pick<Runtime, 'store' | 'clock'>,
  name: string,
  ttlMs: number,
): Promise<Lease | undefined> {
  const partition = `lease/${name}`;
  const holder = newId('hld', runtime.clock.now());

  async function write(change: (held: Held | undefined, now: number) => Held | undefined): Promise<Held | undefined> {
    const item = await runtime.store.get(partition, KEY);
    const now = runtime.clock.now();
    const next = change(item?.value as Held | undefined, now); // written here alone
    if (!next) return undefined;
    try {
      await runtime.store.commit(
        partition,
        [{ kind: 'put', key: KEY, value: { ...next }, if: item?.version ?? 'absent' }],
        newId('cmt', now),
      );
      return next;
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }

  const mine = await write((held, now) =>
    held && held.until > now ? undefined : { token: (held?.token ?? 0) + 1, holder, until: now + ttlMs },
  );
  if (!mine) return undefined;
  return {
    token: mine.token,
    until: mine.until,
    renew: async () =>
      (await write((held, now) =>
        held?.holder === holder && held.until > now ? { ...held, until: now + ttlMs } : undefined,
      )) !== undefined,
    release: async () => {
      await write((held) => (held?.holder === holder ? { ...held, until: 0 } : undefined));
    },
  };
}
