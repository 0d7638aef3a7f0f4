import { lazy } from '../../lazy.ts';
import { systemClock } from '../../ports/clock.ts';
import type { Base } from '../../runtime.ts';
import { COMMON, type Environment, readVariables } from '../../settings.ts';
import { createLogger } from '../logger.ts';
import { countRetries } from '../retries.ts';
import { createBus } from './bus.ts';
import { createClients, fromEnvironment } from './clients.ts';
import { openMetrics } from './metrics.ts';
import { createObjects } from './objects.ts';
import { createQueue } from './queue.ts';
import { GCP } from './settings.ts';
import { createStore } from './store.ts';

/** The base on Firestore, Pub/Sub and Cloud Storage, with the function's own service account. Throws when the configuration is wrong. */
export function openBase(env: Environment, service: string): Base {
  const settings = readVariables(env, { ...COMMON, ...GCP });
  const clock = systemClock;
  const log = createLogger({ service, cloud: 'gcp', level: settings.logLevel });
  const metrics = openMetrics(env);
  const counted = countRetries(metrics, log);
  const clients = createClients({
    project: settings.project,
    clock,
    ...fromEnvironment(env),
    onRetry: ({ service, reason, attempt }) => counted({ operation: service, reason, attempt }),
  });
  const objects = lazy(() => createObjects(clients, { bucket: settings.bucket }));
  return {
    cloud: 'gcp',
    env,
    settings,
    store: createStore(clients, { database: settings.database }),
    queue: createQueue(clients, {
      objects: { put: (...args) => objects().put(...args) },
      topicOf: (queue) => `${settings.topicPrefix}${queue}`,
    }),
    bus: createBus(clients, { topic: settings.bus }),
    objects,
    clock,
    metrics,
    log,
  };
}
