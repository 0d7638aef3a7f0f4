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
import { AZURE } from './settings.ts';
import { createStore } from './store.ts';

/** The base on Cosmos DB, Service Bus, Event Grid and Blob Storage, with the app's own identity. Throws when the configuration is wrong. */
export function openBase(env: Environment, service: string): Base {
  const settings = readVariables(env, { ...COMMON, ...AZURE });
  const clock = systemClock;
  const log = createLogger({ service, cloud: 'azure', level: settings.logLevel });
  const metrics = openMetrics(env);
  const common = { clock, onRetry: countRetries(metrics, log) };
  const keyed = (key: string) => (key === '' ? {} : { key });
  const [name = '', ...rest] = settings.serviceBusKey.split(':');
  const objects = lazy(() =>
    createObjects({
      ...common,
      endpoint: settings.blobEndpoint,
      container: settings.blobContainer,
      ...keyed(settings.blobKey),
    }),
  );
  return {
    cloud: 'azure',
    env,
    settings,
    store: createStore({
      ...common,
      endpoint: settings.cosmosEndpoint,
      database: settings.cosmosDatabase,
      container: settings.cosmosContainer,
      ...keyed(settings.cosmosKey),
    }),
    queue: createQueue({
      ...common,
      endpoint: settings.serviceBusEndpoint,
      objects: { put: (...args) => objects().put(...args) },
      ...(name === '' ? {} : { key: { name, value: rest.join(':') } }),
    }),
    bus: createBus({ ...common, endpoint: settings.eventGridEndpoint, ...keyed(settings.eventGridKey) }),
    objects,
    clock,
    metrics,
    log,
  };
}
