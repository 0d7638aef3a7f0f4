import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMetrics } from '../../../../shared/clouds/local/metrics.ts';
import { openStore } from '../../../../shared/clouds/local/store.ts';
import type { Log, LogFields } from '../../../../shared/log.ts';
import { openOfflineModel } from '../../../../shared/models/offline/answers.ts';
import { readModels } from '../../../../shared/models/routing/configuration.ts';
import { createRouter, type Router } from '../../../../shared/models/routing/router.ts';
import type { Clock } from '../../../../shared/ports/clock.ts';
import type { Embeddings } from '../../../../shared/ports/embeddings.ts';
import type { Model } from '../../../../shared/ports/model.ts';
import type { Store } from '../../../../shared/ports/store.ts';
import type { Base, Scope } from '../../../../shared/runtime.ts';
import { COMMON, readVariables } from '../../../../shared/settings.ts';
import { type ManualClock, manualClock } from '../../../contracts/support.ts';
import { type ModelsPeer, startModels } from '../../../peers/models/server.ts';

/** Several instances of a desk, on one store and one clock, in front of scripted models. */
export interface Rig {
  readonly peer: ModelsPeer;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly metrics: ReturnType<typeof openMetrics>;
  readonly logged: { readonly message: string; readonly fields: LogFields }[];
  /** Another instance with a configuration; `peer` stands in where it says `PEER`. */
  instance(config: object, others?: { readonly store?: Store; readonly clock?: Clock }): Instance;
  close(): Promise<void>;
}

export interface Instance {
  readonly router: Router;
  readonly model: Required<Pick<Model, 'ask' | 'generate'>>;
  readonly embeddings: Embeddings;
  of(workspace: string, signal?: AbortSignal): Required<Pick<Model, 'ask' | 'generate'>>;
}

/** Three vendors, one model of each, in this order. */
export const THREE = {
  providers: {
    aws: { kind: 'bedrock', region: 'eu-central-1', endpoint: 'PEER' },
    azure: { kind: 'azure-openai', endpoint: 'PEER', region: 'swedencentral', apiKeyVariable: 'AZURE_OPENAI_API_KEY' },
    google: { kind: 'vertex', project: 'desk', location: 'europe-west4', endpoint: 'PEER' },
  },
  models: {
    haiku: { provider: 'aws', id: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0' },
    mini: { provider: 'azure', id: 'gpt-5-mini' },
    flash: { provider: 'google', id: 'gemini-2.5-flash' },
  },
  tasks: { default: { models: ['mini'], fallbacks: ['flash', { model: 'haiku', weight: 0.000001 }] } },
} as const;

export async function startRig(): Promise<Rig> {
  const peer = await startModels();
  const folder = mkdtempSync(join(tmpdir(), 'trifold-models-'));
  const clock = manualClock();
  const own = openStore(join(folder, 'store.db'), clock);
  const metrics = openMetrics({});
  const logged: { message: string; fields: LogFields }[] = [];
  const note = (message: string, fields: LogFields = {}) => void logged.push({ message, fields });
  const log: Log = { debug: () => {}, info: note, warn: note, error: note };
  const before = Object.fromEntries(Object.keys(peer.env).map((name) => [name, process.env[name]]));
  // The AWS SDK reads its keys there.
  for (const [name, value] of Object.entries(peer.env)) if (name.startsWith('AWS_')) process.env[name] = value;
  const routers: Router[] = [];

  function instance(config: object, others: { readonly store?: Store; readonly clock?: Clock } = {}): Instance {
    const { store = own, clock: time = clock } = others;
    const env = { ...peer.env, TRIFOLD_MODELS: JSON.stringify(config).replaceAll('"PEER"', JSON.stringify(peer.url)) };
    const models = readModels(env);
    if (!models) throw new Error('There is a configuration');
    const base = {
      cloud: 'local',
      settings: readVariables(env, COMMON),
      store,
      clock: time,
      log,
      metrics,
      env,
    } as unknown as Base; // what routing and the offline model use of it
    const router = createRouter(base, models);
    routers.push(router);
    const scopeOf = (workspace: string, signal = new AbortController().signal): Scope =>
      ({ workspace, clock: time, log, signal }) as unknown as Scope; // what routing and the offline model use of it
    const offline = openOfflineModel(base);
    const of = (workspace: string, signal?: AbortSignal) =>
      router.model(scopeOf(workspace, signal), offline(scopeOf(workspace, signal)));
    return { router, of, model: of('acme'), embeddings: router.embeddings(scopeOf('acme')) };
  }

  return {
    peer,
    clock,
    store: own,
    metrics,
    logged,
    instance,
    async close() {
      await Promise.all(routers.map((router) => router.close()));
      await peer.close();
      await own.close?.();
      rmSync(folder, { recursive: true, force: true });
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

/** A right answer to the task `summary`. */
export const SUMMARY = { kind: 'answer', say: { summary: 'In short.' } } as const;
export const SUMMARISE = { text: 'A long story. It goes on.', sentences: 1 };
export const DOWN = { kind: 'status', status: 500 } as const;

/** A store that cannot be reached. */
export const AWAY: Store = {
  get: async () => Promise.reject(new Error('away')),
  list: async () => Promise.reject(new Error('away')),
  find: async () => Promise.reject(new Error('away')),
  commit: async () => Promise.reject(new Error('away')),
};
