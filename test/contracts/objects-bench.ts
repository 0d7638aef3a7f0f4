import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Objects, StoredObject } from '../../shared/ports/objects.ts';
import type { ManualClock } from './support.ts';

export interface OpenedObjects {
  readonly objects: Objects;
  /** Whether what answers the links goes by our clock; an emulator goes by its own, and expiry is not tried then. */
  readonly linksFollowClock: boolean;
  close(): Promise<void>;
}
export type OpenObjects = (options: { clock: Clock }) => Promise<OpenedObjects>;

/** What a group of tests may use; filled before its first test. */
export interface ObjectsBench {
  objects: Objects;
  clock: ManualClock;
  linksFollowClock: boolean;
  /** A fresh folder for each test. */
  folder: string;
}

export const bytesOf = async (stored: StoredObject | undefined): Promise<Buffer> => {
  if (!stored) throw new Error('There should be an object');
  return Buffer.from(await new Response(stored.body).arrayBuffer());
};

export const textOf = async (stored: StoredObject | undefined): Promise<string> => (await bytesOf(stored)).toString();

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A stream of `size` bytes in chunks that fit no part boundary, and the hash of all of it. */
export function streamed(
  size: number,
  failAt = Number.POSITIVE_INFINITY,
): { body: ReadableStream<Uint8Array>; digest: () => string } {
  const hash = createHash('sha256');
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= failAt) return controller.error(new Error('the source broke'));
      if (sent >= size) return controller.close();
      const chunk = randomBytes(Math.min(77_777, size - sent));
      hash.update(chunk);
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { body, digest: () => hash.digest('hex') };
}
