import { join } from 'node:path';
import { systemClock } from '../../ports/clock.ts';
import type { Base } from '../../runtime.ts';
import { type CloudName, type Environment, readSettings } from '../../settings.ts';
import { createLogger } from '../logger.ts';
import { openMetrics } from './metrics.ts';
import { openQueues, type Queues } from './queues.ts';
import { openStore } from './store.ts';

export interface LocalBase extends Base {
  readonly queues: Queues;
}

/**
 * The base on this machine's files, below `TRIFOLD_DATA_DIR`. Artifacts for a cloud that are built with local ports use
 * it too, for tests.
 */
export function openBase(env: Environment, service: string, cloud: CloudName = 'local'): LocalBase {
  const settings = readSettings(env);
  const clock = systemClock;
  const queues = openQueues(join(settings.dataDir, 'queues.db'), clock);
  return {
    cloud,
    env,
    settings,
    store: openStore(join(settings.dataDir, 'store.db'), clock),
    queue: queues.queue,
    bus: queues.bus,
    queues,
    clock,
    metrics: openMetrics(env),
    log: createLogger({ service, cloud, level: settings.logLevel }),
  };
}
