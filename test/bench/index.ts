/**
 * `npm run bench`: speed and size against their bars. `-- --json` prints one JSON object a line, `-- --only desk` just the
 * figures whose names begin so. Slow is no failure: the exit code is 0 unless a measure could not run.
 */
import { parseArgs } from 'node:util';
import { acceptMeasure } from './accept.ts';
import { firstMeasure } from './first.ts';
import { gzipMeasure } from './gzip.ts';
import type { Figure, Measure } from './measure.ts';
import { rateMeasure } from './rate.ts';
import { roundtripsMeasure } from './roundtrips.ts';
import { warmMeasure } from './warm.ts';
import { WIRE } from './wire.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});

/** Routing between models has a file of its own, with its figures ready. */
const routerMeasure: Measure = {
  names: ['router.', 'breaker.', 'budget.'],
  async run() {
    const { routerMeasures } = await import('./router.ts');
    return (await routerMeasures()).map((figure) => ({ ...figure, baseline: figure.baseline ?? null }));
  },
};

const measures: readonly Measure[] = [
  gzipMeasure,
  roundtripsMeasure,
  warmMeasure,
  firstMeasure,
  acceptMeasure,
  rateMeasure,
  routerMeasure,
  ...WIRE,
];

for (const measure of measures) {
  if (!measure.names.some((name) => name.startsWith(values.only) || values.only.startsWith(name))) continue;
  try {
    for (const figure of await measure.run()) if (figure.name.startsWith(values.only)) print(figure);
  } catch (error) {
    process.exitCode = 1;
    console.error(`${measure.names.join(', ')} could not be measured:`, error);
  }
}

function print(figure: Figure): void {
  const { note, ...fields } = figure;
  console.log(values.json ? JSON.stringify(fields) : lineOf(figure));
}

function lineOf({ name, value, unit, bar, ok, note = '' }: Figure): string {
  const held = bar === null ? '' : `${ok ? 'holds' : 'FAILS'} ${bar}`;
  return `${name.padEnd(24)}  ${`${value} ${unit}`.padStart(18)}  ${held.padStart(12)}  ${note}`.trimEnd();
}
