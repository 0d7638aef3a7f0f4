import { UnavailableError } from '../../errors.ts';

/** Packs JSON texts, in order, into as few JSON arrays as a limit of count and a limit of bytes together allow. */
export function toArrays(
  entries: readonly string[],
  limits: { readonly count: number; readonly bytes: number },
): string[] {
  const arrays: string[][] = [];
  let room = { count: 0, bytes: 0 };
  for (const entry of entries) {
    const bytes = Buffer.byteLength(entry) + 1; // with its comma
    if (room.count < 1 || room.bytes < bytes) {
      arrays.push([]);
      room = { count: limits.count, bytes: limits.bytes - 2 };
    }
    arrays.at(-1)?.push(entry);
    room = { count: room.count - 1, bytes: room.bytes - bytes };
  }
  return arrays.map((texts) => `[${texts.join(',')}]`);
}

/**
 * Sends one after the other; each is all or nothing, so that one which fails is repeated alone. When it fails for good
 * after others went through, nobody may take the whole call for undone.
 */
export async function sendInTurn(
  what: string,
  batches: readonly string[],
  send: (batch: string) => Promise<void>,
): Promise<void> {
  for (const [i, batch] of batches.entries()) {
    try {
      await send(batch);
    } catch (error) {
      if (i > 0 && error instanceof UnavailableError) throw new UnavailableError(what, 'unknown', { cause: error });
      throw error;
    }
  }
}
