import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../shared/clouds/local/store.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import type { Write } from '../../shared/ports/store.ts';

/** Commits a second of the local store with concurrent writers, each commit of three rows to a partition of its own. */
export async function commitsPerSecond(writers: number, milliseconds: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'trifold-bench-'));
  const store = openStore(join(folder, 'store.db'), systemClock);
  const text = 'x'.repeat(200);
  const ends = performance.now() + milliseconds;
  let commits = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; performance.now() < ends; n++) {
        const rows = (['head', 'inbox', 'outbox'] as const).map(
          (key): Write => ({
            kind: 'put',
            key: key === 'head' ? key : `${key}#${n}`,
            value: { n, text },
            if: key === 'inbox' ? 'absent' : 'any',
            ...(key === 'outbox' ? { indexes: { due: { hash: `outbox#${n % 64}`, sort: String(n) } } } : {}),
          }),
        );
        await store.commit(`bench/${writer}/${Math.floor(n / 50)}`, rows, `${writer}#${n}`);
        commits++;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await store.close?.();
  rmSync(folder, { recursive: true });
  return Math.round(commits / seconds);
}

if (import.meta.main) {
  for (const writers of [1, 10, 100])
    console.log(`${writers} writers: ${await commitsPerSecond(writers, 2_000)} commits/s`);
}
