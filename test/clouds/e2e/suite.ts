import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import type { Cloud } from '../../../infra/build/artifacts.ts';
import { suite } from '../../contracts/support.ts';
import { type CloudDesk, openDesk, type Services } from './desk.ts';
import { goldenOf, toText } from './golden.ts';
import { scenarios } from './scenarios.ts';

/** The ten scenarios on one cloud; a named skip without its emulators, and a failure in CI. */
export async function endToEnd(name: string, cloud: Cloud, openServices: () => Promise<Services>): Promise<void> {
  const { services, missing } = await openIfThere(openServices);
  suite(`end to end: ${name}`, { missing }, () => {
    let desk: CloudDesk;
    const begun = new Map<string, string>();
    beforeAll(async () => {
      if (!services) return;
      desk = await openDesk(cloud, services);
      for (const scenario of scenarios) if (scenario.begin) begun.set(scenario.name, await scenario.begin(desk));
    }, 120_000);
    afterAll(() => desk?.stop(), 60_000);

    it.each(scenarios)(
      '$name',
      async (scenario) => {
        onTestFailed(async () => console.error((await desk.host.log()).slice(-4_000)));
        const shown = await scenario.run(desk, begun.get(scenario.name) ?? '');
        expect(toText(shown), "if this change is meant: npx -c 'node test/clouds/e2e/golden.ts'").toBe(
          goldenOf(scenario.name),
        );
      },
      180_000,
    );
  });
}

async function openIfThere(open: () => Promise<Services>): Promise<{ services?: Services; missing?: string }> {
  try {
    return { services: await open() };
  } catch (error) {
    if (process.env['CI'] === 'true' || !(error instanceof Error) || !error.message.includes('is missing')) throw error;
    return { missing: error.message };
  }
}
