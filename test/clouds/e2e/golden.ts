/** `npx -c 'node test/clouds/e2e/golden.ts [aws|azure|gcp]'` makes golden.json anew on one cloud; the tests hold all three to it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cloud } from '../../../infra/build/artifacts.ts';
import { type CloudDesk, openDesk, type Services } from './desk.ts';
import { scenarios } from './scenarios.ts';

const FILE = fileURLToPath(new URL('golden.json', import.meta.url));

/** What a scenario has to show, as text. */
export function goldenOf(name: string): string | undefined {
  const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>; // written below
  return name in golden ? toText(golden[name]) : undefined;
}

/**
 * As text without ids and times, with members in order of name, since JSON leaves their order to each store. The id of a
 * message that has none of ours is the cloud's own.
 */
export const toText = (value: unknown): string =>
  JSON.stringify(
    value,
    (name, member: unknown) => {
      // People are told after the ticket has ended; the scenarios count what they heard.
      if (name === 'notifications') return undefined;
      if (name === 'messageId' || name === 'traceId') return 'id';
      if (typeof member === 'number' && member > 1e12) return 'instant';
      if (typeof member === 'string')
        return member.replace(/\b([a-z]{2,4})_(?:[a-z0-9]{26}|\d{15})(?![a-z0-9])/g, '$1_id');
      if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
      return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
    2,
  );

/** What every scenario shows on a desk, by name. */
export async function playAll(desk: CloudDesk): Promise<Record<string, unknown>> {
  const begun = new Map<string, string>();
  for (const { name, begin } of scenarios) if (begin) begun.set(name, await begin(desk));
  const shown: Record<string, unknown> = {};
  for (const { name, run } of scenarios) {
    const started = performance.now();
    shown[name] = await run(desk, begun.get(name) ?? '');
    console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  return shown;
}

/** Loaded when asked for: each brings its emulators. */
const CLOUDS: { readonly [C in Cloud]: () => Promise<{ openServices(): Promise<Services> }> } = {
  aws: () => import('./aws.ts'),
  azure: () => import('./azure.ts'),
  gcp: () => import('./gcp.ts'),
};

if (import.meta.main) {
  const cloud = (Object.keys(CLOUDS) as Cloud[]).find((one) => one === process.argv[2]) ?? 'azure'; // keys of the table
  const desk = await openDesk(cloud, await (await CLOUDS[cloud]()).openServices());
  try {
    writeFileSync(FILE, `${toText(await playAll(desk))}\n`);
    execFileSync('biome', ['format', '--write', FILE], { stdio: 'inherit' });
  } catch (error) {
    console.error((await desk.host.log()).slice(-8_000));
    throw error;
  } finally {
    await desk.stop();
  }
}
