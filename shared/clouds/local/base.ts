import { join } from 'node:path';
import { lazy } from '../../lazy.ts';
import { systemClock } from '../../ports/clock.ts';
import type { Base } from '../../runtime.ts';
import { type CloudName, COMMON, type Environment, readVariables, type Settings, type Values } from '../../settings.ts';
import { createLogger } from '../logger.ts';
import { openMetrics } from './metrics.ts';
import { type LocalObjects, openObjects } from './objects.ts';
import { openQueues, type Queues } from './queues.ts';
import { LOCAL } from './settings.ts';
import { openStore } from './store.ts';

export interface LocalBase extends Base {
  readonly settings: Settings & Values<typeof LOCAL>;
  readonly queues: Queues;
  readonly objects: () => LocalObjects;
  /** Where this process can be reached: signed links begin with it. */
  setUrl(url: string): void;
}

/**
 * The base on this machine's files, below `TRIFOLD_DATA_DIR`. Artifacts for a cloud that are built with local ports use
 * it too, for tests. Throws when the configuration is wrong or the files cannot be opened.
 */
export function openBase(env: Environment, service: string, cloud: CloudName = 'local'): LocalBase {
  const settings = readVariables(env, { ...COMMON, ...LOCAL });
  const { dataDir } = settings;
  const clock = systemClock;
  const queues = openQueues(join(dataDir, 'queues.db'), clock);
  let baseUrl = 'http://127.0.0.1:8787';
  return {
    cloud,
    env,
    settings,
    store: openStore(join(dataDir, 'store.db'), clock),
    queue: queues.queue,
    bus: queues.bus,
    queues,
    objects: lazy(() => openObjects(join(dataDir, 'objects'), clock, { baseUrl })),
    setUrl(url) {
      baseUrl = url;
    },
    clock,
    metrics: openMetrics(env),
    log: createLogger({ service, cloud, level: settings.logLevel }),
  };
}
