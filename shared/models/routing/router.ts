import { newId } from '../../domain/ids.ts';
import { ticketPartition } from '../../domain/ticket.ts';
import { UnavailableError } from '../../errors.ts';
import type { Embeddings } from '../../ports/embeddings.ts';
import type { AskOptions, Generated, GenerateRequest, Model } from '../../ports/model.ts';
import type { Base, Scope } from '../../runtime.ts';
import { parseInput } from '../../schema.ts';
import { type RouteName, TASKS, type TaskOutput } from '../tasks.ts';
import { createBreaker } from './breaker.ts';
import { createBudgets } from './budgets.ts';
import { cacheId, createCache } from './cache.ts';
import { callModel, estimateOf, type Guards, type Question } from './call.ts';
import type { ModelSettings, ModelsConfiguration, Route } from './configuration.ts';
import { embedWith } from './embeddings.ts';
import { createLimits } from './limits.ts';
import { sumUsage } from './prices.ts';
import { toRequest } from './prompt.ts';
import type { Provider } from './provider.ts';
import { openProvider } from './providers.ts';
import { fromPico, toNumber } from './usd.ts';
import { createWalk, type Found } from './walk.ts';

export interface Router {
  /** The port of one workspace; `offline` answers when no model does. */
  model(scope: Scope, offline: Model): Required<Pick<Model, 'ask' | 'generate'>>;
  embeddings(scope: Scope): Embeddings;
  /**
   * Asks every model whose breaker is open for one token; where one answers, the next call may probe at once. Returns
   * how many were open and how many answered. For a schedule; one instance at a time is enough.
   */
  checkHealth(): Promise<{ readonly open: number; readonly reached: number }>;
  close(): Promise<void>;
}

export type RouterDeps = Pick<Base, 'store' | 'clock' | 'log' | 'metrics' | 'env'> & {
  /** How a vendor's adapter is opened; tests and measurements bring their own. */
  readonly open?: typeof openProvider;
};

const HEALTH_MS = 5_000;

/** Everything that an instance shares between its invocations: breakers, slices of limits and budgets, connections. */
export function createRouter(deps: RouterDeps, config: ModelsConfiguration): Router {
  const { store, clock, log, metrics, env, open = openProvider } = deps;
  const instance = newId('ins', clock.now());
  const providers = new Map<string, Promise<Provider>>();
  const cache = createCache(deps);

  const guards: Guards = {
    breaker: createBreaker(deps),
    limits: createLimits(deps),
    budgets: createBudgets({ ...deps, instance }, config.budgets),
    now: () => clock.now(),
    provider: (model) => {
      const settings = config.providers[model.provider];
      if (!settings) throw new RangeError(`There is no provider ${model.provider}`);
      const opened = providers.get(model.provider) ?? open(settings, env);
      providers.set(model.provider, opened);
      // A failed start is tried again by the next call.
      opened.catch(() => providers.delete(model.provider));
      return opened;
    },
    onAttempt: (model, { outcome, cost }, ms, failure) => {
      metrics.observe('cloud_service_response_time_seconds', { service: model.key }, ms / 1000);
      if (cost > 0n) metrics.count('llm_cost', { model: model.key }, toNumber(cost));
      // Our own words and the vendor's name of the error; never what was asked or answered.
      if (failure) log.warn('A model did not answer', { model: model.key, outcome, ms, reason: failure.message });
    },
  };
  const walk = createWalk(guards, clock);

  function begin(scope: Scope, task: RouteName, timeoutMs: number, options: AskOptions): Question {
    const now = clock.now();
    return {
      id: newId('ask', now),
      payer: { workspace: scope.workspace, task, ticket: options.ticket },
      deadline: Math.min(options.deadline ?? Number.POSITIVE_INFINITY, now + timeoutMs),
      signal: scope.signal,
      spent: [],
    };
  }

  /** What a question took, all attempts together, answered or not; on the ticket that pays. */
  async function account(
    question: Question,
    by: string,
  ): Promise<{ cost: string; usage: ReturnType<typeof sumUsage> }> {
    const cost = fromPico(question.spent.reduce((sum, one) => sum + one.cost, 0n));
    const { workspace, task, ticket } = question.payer;
    if (ticket !== undefined && question.spent.length > 0) {
      const attempts = question.spent.map((one) => ({
        ...one.usage,
        model: one.model,
        outcome: one.outcome,
        usd: fromPico(one.cost),
      }));
      const row = { v: 1, at: clock.now(), task, model: by, usd: cost, attempts };
      await store
        .commit(
          `${workspace}/${ticketPartition(ticket)}`,
          [{ kind: 'put', key: `cost/${question.id}`, value: row, if: 'any' }],
          newId('cmt', clock.now()),
        )
        .catch((error: unknown) =>
          log.error('A cost row was not written', { ticket, usd: cost, error: asError(error) }),
        );
    }
    return { cost, usage: sumUsage(question.spent.map(({ usage }) => usage)) };
  }

  const converse = (route: Route, task: RouteName, request: GenerateRequest, question: Question, options: AskOptions) =>
    walk({ route, task, hedgeAfterMs: options.priority === 'P1' ? route.hedgeAfterMs : undefined }, question, {
      estimate: (model) => estimateOf(model, request),
      perform: (model, leave, of, timeoutMs) => callModel(guards, model, request, of, leave, timeoutMs),
    });

  const labelled = ({ fallback }: Pick<Found<unknown>, 'fallback'>) => (fallback ? { fallback } : {});

  function model(scope: Scope, offline: Model): Required<Pick<Model, 'ask' | 'generate'>> {
    return {
      async ask(task, input, options = {}) {
        const route = config.routes[task];
        if (!route) return offline.ask(task, input);
        parseInput(TASKS[task].input, input, 'model input');
        const fresh = route.cacheSeconds;
        const id = fresh === undefined ? undefined : cacheId(scope.workspace, task, input, route);
        const before = id && fresh ? await cache.get(id, task, fresh) : undefined;
        const free = { cost: '0', usage: { inputTokens: 0, outputTokens: 0 } };
        if (before?.fresh) return { value: before.value, model: before.model, ...free, fallback: 'cached' };
        const question = begin(scope, task, route.timeoutMs, options);
        const found = await converse(route, task, toRequest(task, input), question, options);
        if (found) {
          // Parsed by the task's own schema, which the request carried.
          const value = found.result.value as TaskOutput<typeof task>;
          if (id && fresh) await cache.put(id, value, found.model.key, fresh);
          return { value, model: found.model.key, ...(await account(question, found.model.key)), ...labelled(found) };
        }
        if (before) {
          const paid = await account(question, before.model);
          return { value: before.value, model: before.model, ...paid, fallback: 'cached' };
        }
        const answer = await offline.ask(task, input);
        return { ...answer, ...(await account(question, answer.model)), fallback: 'offline' };
      },

      async generate(task, request, options = {}): Promise<Generated> {
        const route = config.routes[task];
        if (!route || task === 'embedding') throw new UnavailableError(`A language model for ${task}`, 'none');
        const question = begin(scope, task, route.timeoutMs, options);
        const found = await converse(route, task, request, question, options);
        const paid = await account(question, found?.model.key ?? 'none');
        if (!found) throw new UnavailableError(`A language model for ${task}`, 'none', { details: { usd: paid.cost } });
        return { ...found.result, model: found.model.key, ...paid, ...labelled(found) };
      },
    };
  }

  const embeddings = (scope: Scope): Embeddings => ({
    async embed(texts, options = {}) {
      const route = config.routes.embedding;
      if (!route) return undefined;
      const question = begin(scope, 'embedding', route.timeoutMs, options.ticket ? { ticket: options.ticket } : {});
      const deadline = Math.min(question.deadline, options.deadline ?? Number.POSITIVE_INFINITY);
      const embedded = await embedWith(walk, guards, route, { ...question, deadline }, texts, options);
      const paid = await account(question, embedded?.model.key ?? 'none');
      return embedded && { vectors: embedded.vectors, space: embedded.space, model: embedded.model.key, ...paid };
    },
  });

  async function checkHealth(): Promise<{ open: number; reached: number }> {
    const openNow: ModelSettings[] = [];
    for (const one of config.models) {
      // Asks the store, so that an instance that never called the model knows as well.
      await guards.breaker.refresh(one.key);
      if (guards.breaker.believed(one.key).state === 'open') openNow.push(one);
    }
    const answers = await Promise.all(openNow.map(isAlive));
    return { open: openNow.length, reached: answers.filter(Boolean).length };
  }

  async function isAlive(one: ModelSettings): Promise<boolean> {
    const attempt = { timeoutMs: HEALTH_MS };
    const request: GenerateRequest = {
      system: 'Answer with one letter.',
      messages: [{ role: 'user', parts: [{ kind: 'text', text: 'A' }] }],
      maxOutputTokens: 16,
    };
    const embeds = config.routes.embedding?.models.some((choice) => choice.model === one);
    try {
      const provider = await guards.provider(one);
      if (embeds) await provider.embed(one, ['A'], 'query', attempt);
      else await provider.generate(one, request, attempt);
    } catch {
      return false;
    }
    await guards.breaker.reached(one.key);
    return true;
  }

  return {
    model,
    embeddings,
    checkHealth,
    async close() {
      for (const provider of providers.values()) (await provider.catch(() => undefined))?.close();
      providers.clear();
    },
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
