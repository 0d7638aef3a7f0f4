import { expect, it } from 'vitest';
import { crashAgainAndAgain } from '../support/crash.ts';
import { chooseSeed } from '../support/random.ts';

it('loses no acknowledged ticket and replies once for each decision, killed two hundred times under load', async () => {
  const seed = chooseSeed();
  const report = await crashAgainAndAgain({ kills: 200, seed, perLife: 15 });
  expect(report.violations, `TRIFOLD_SEED=${seed}`).toEqual([]);
  expect(report.acknowledged, `TRIFOLD_SEED=${seed}`).toBeGreaterThan(400);
});
