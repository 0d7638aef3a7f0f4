import type { Embeddings } from '../ports/embeddings.ts';
import type { Model } from '../ports/model.ts';
import type { Base, PortOpener } from '../runtime.ts';
import { openOfflineModel } from './offline/answers.ts';
import { type ModelsConfiguration, readModels } from './routing/configuration.ts';
import type { Router } from './routing/router.ts';

/** The router of an instance, loaded when it is first needed; its breakers and slices are shared by both ports. */
const routers = new WeakMap<Base, Promise<Router>>();

function routerOf(base: Base, config: ModelsConfiguration): Promise<Router> {
  let router = routers.get(base);
  if (!router) {
    router = import('./routing/router.ts').then(({ createRouter }) => createRouter(base, config));
    routers.set(base, router);
  }
  return router;
}

/**
 * The models that `TRIFOLD_MODELS` names, with the offline model behind them; the offline model alone without the
 * variable. Throws `bad_configuration` when the variable is wrong.
 */
export const openModel: PortOpener<Model> = (base) => {
  const openOffline = openOfflineModel(base);
  const config = readModels(base.env);
  if (!config) return openOffline;
  return (scope) => {
    const routed = async () => (await routerOf(base, config)).model(scope, openOffline(scope));
    return {
      ask: async (task, input, options) => (await routed()).ask(task, input, options),
      generate: async (route, request, options) => (await routed()).generate(route, request, options),
      check: async () => (await routerOf(base, config)).checkHealth(),
    };
  };
};

/** Vectors from the models of the route `embedding`; `embed` says `undefined` where there are none. */
export const openEmbeddings: PortOpener<Embeddings> = (base) => {
  const config = readModels(base.env);
  if (!config?.routes.embedding) return () => ({ embed: async () => undefined });
  return (scope) => ({
    embed: async (texts, options) => (await routerOf(base, config)).embeddings(scope).embed(texts, options),
  });
};
