import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { ObjectsBench, OpenObjects } from './objects-bench.ts';
import { conditionBehaviour, contentBehaviour } from './objects-content.ts';
import { keyBehaviour, listBehaviour } from './objects-keys.ts';
import { linkBehaviour } from './objects-links.ts';
import { manualClock, type SuiteOptions, suite, unique } from './support.ts';

export { bytesOf, type OpenedObjects, type OpenObjects } from './objects-bench.ts';

export interface ObjectSuiteOptions extends SuiteOptions {
  /** Objects to page through; 1,050 by default. */
  readonly objects?: number;
}

/** What every object store promises (`shared/ports/objects.ts`). */
export function objectsContract(name: string, open: OpenObjects, options: ObjectSuiteOptions = {}): void {
  suite(`objects contract: ${name}`, options, () => {
    // Filled in beforeAll, before any test can look at it.
    const bench = { clock: manualClock() } as ObjectsBench;
    let close = async () => {};
    beforeAll(async () => {
      const opened = await open({ clock: bench.clock });
      Object.assign(bench, { objects: opened.objects, linksFollowClock: opened.linksFollowClock });
      close = opened.close;
    });
    afterAll(() => close());
    beforeEach(() => {
      bench.folder = unique('contract');
    });

    describe('put and get', () => contentBehaviour(bench));
    describe('conditions', () => conditionBehaviour(bench));
    describe('list', () => listBehaviour(bench, options.objects ?? 1_050));
    describe('keys', () => keyBehaviour(bench));
    describe('signed links', () => linkBehaviour(bench));
  });
}
