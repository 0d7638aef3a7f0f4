import type { Figure, Measure } from './measure.ts';
import { commitMeasure, pagesMeasure, sendMeasure } from './wire/counts.ts';
import { firstCloudMeasure } from './wire/first-cloud.ts';
import { gzipCloudMeasure } from './wire/gzip-cloud.ts';
import { idleMeasures } from './wire/idle.ts';

/** What the clouds' own ports cost: requests counted on the wire, pages in memory, cold start, bytes. */
export const WIRE: readonly Measure[] = [
  commitMeasure('dynamodb'),
  commitMeasure('cosmos'),
  commitMeasure('firestore'),
  sendMeasure,
  pagesMeasure,
  ...idleMeasures,
  firstCloudMeasure,
  gzipCloudMeasure,
];

/** All of them, one after the other. Throws where an emulator is missing, with its name. */
export async function wireMeasures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const measure of WIRE) figures.push(...(await measure.run()));
  return figures;
}

if (import.meta.main) for (const figure of await wireMeasures()) console.log(JSON.stringify(figure));
