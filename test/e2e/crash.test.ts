import { expect, it } from 'vitest';
import { crashAgainAndAgain } from '../support/crash.ts';
import { chooseSeed } from '../support/random.ts';

it('loses no acknowledged ticket and replies once for each decision, killed ten times under load', {
  timeout: 120_000,
}, async () => {
  const seed = chooseSeed();
  const report = await crashAgainAndAgain({ kills: 10, seed, perLife: 40 });
  expect(report.violations, `TRIFOLD_SEED=${seed}`).toEqual([]);
  expect(report.acknowledged, `TRIFOLD_SEED=${seed}`).toBeGreaterThan(20);
  expect(report.replies, `TRIFOLD_SEED=${seed}`).toBeGreaterThan(0);
});
