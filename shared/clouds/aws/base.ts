import { lazy } from '../../lazy.ts';
import { systemClock } from '../../ports/clock.ts';
import type { Base } from '../../runtime.ts';
import { COMMON, type Environment, readVariables } from '../../settings.ts';
import { createLogger } from '../logger.ts';
import { countRetries } from '../retries.ts';
import { createBus } from './bus.ts';
import { openMetrics } from './metrics.ts';
import { createObjects } from './objects.ts';
import { createQueue } from './queue.ts';
import { AWS } from './settings.ts';
import { createStore } from './store.ts';

/** The base on DynamoDB, SQS, EventBridge and S3, with the function's own role. Throws when the configuration is wrong. */
export function openBase(env: Environment, service: string): Base {
  const settings = readVariables(env, { ...COMMON, ...AWS });
  const { table, queuePrefix, bus, bucket, logLevel } = settings;
  const clock = systemClock;
  const metrics = openMetrics(env);
  const log = createLogger({ service, cloud: 'aws', level: logLevel });
  const onRetry = countRetries(metrics, log);
  const objects = lazy(() => createObjects({ bucket, clock, onRetry }));
  return {
    cloud: 'aws',
    env,
    settings,
    store: createStore({ table, clock, onRetry }),
    queue: createQueue({
      urlPrefix: queuePrefix,
      objects: { put: (...args) => objects().put(...args) },
      clock,
      onRetry,
    }),
    bus: createBus({ bus, source: 'trifold', clock, onRetry }),
    objects,
    clock,
    metrics,
    log,
  };
}
