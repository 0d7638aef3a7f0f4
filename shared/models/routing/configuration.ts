import * as z from 'zod/mini';
import { AppError } from '../../errors.ts';
import { describeIssues } from '../../schema.ts';
import type { Environment } from '../../settings.ts';
import { ROUTES, type RouteName } from '../tasks.ts';
import { listPrice, type Price } from './prices.ts';

/** The one variable that says which models there are; `infra/decisions/models.md` shows a whole one. */
export const MODELS_VARIABLE = 'TRIFOLD_MODELS';

const Name = z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'lower-case letters, digits, ".", "_" and "-"'));
const Url = z.string().check(z.regex(/^https?:\/\/[^\s]+$/, 'an http(s) URL'));
const Usd = z.string().check(z.regex(/^\d{1,9}(\.\d{1,6})?$/, 'US dollars such as "12.50"'));
const Whole = z.int().check(z.positive());

const ProviderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bedrock'), region: z.string(), endpoint: z.optional(Url) }),
  z.strictObject({
    kind: z.literal('azure-openai'),
    /** `https://RESOURCE.openai.azure.com` */
    endpoint: Url,
    region: z.optional(z.string()),
    /** Name of the variable that holds an API key; Entra ID unless given. */
    apiKeyVariable: z.optional(z.string().check(z.regex(/^[A-Z][A-Z0-9_]*$/, 'the name of a variable'))),
  }),
  z.strictObject({
    kind: z.literal('vertex'),
    project: z.string(),
    location: z.string(),
    endpoint: z.optional(Url),
  }),
]);
export type ProviderSettings = z.infer<typeof ProviderSchema>;
export type Vendor = ProviderSettings['kind'];

const PriceSchema = z.strictObject({
  input: Usd,
  cached: z.optional(Usd),
  cacheWrite: z.optional(Usd),
  output: Usd,
});

const ModelSchema = z.strictObject({
  provider: Name,
  /** Model id or inference profile on Bedrock, deployment on Azure, model on Vertex. */
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  /** How the answer's form is demanded: the vendor's own mode, a tool that must be called, or only in words. */
  structured: z.optional(z.enum(['native', 'tool', 'words'])),
  /** A model of the price table (`gpt-5-mini`), or what a million tokens cost. */
  price: z.optional(z.union([z.string(), PriceSchema])),
  requestsPerMinute: z.optional(Whole),
  tokensPerMinute: z.optional(Whole),
  /** Milliseconds that one attempt may take. */
  timeoutMs: z.optional(Whole),
  /** Tokens that the model may think, on top of a task's answer; it counts in estimates. */
  thinkingTokens: z.optional(z.int().check(z.gte(0))),
  /** Length of vectors. */
  dimensions: z.optional(Whole),
  /** Further members of the vendor's request, as the vendor names them. */
  extra: z.optional(z.record(z.string(), z.json())),
});

const Choice = z.union([Name, z.strictObject({ model: Name, weight: z.number().check(z.positive()) })]);
const RouteSchema = z.strictObject({
  models: z.array(Choice).check(z.minLength(1)),
  fallbacks: z.optional(z.array(Choice)),
  /** Milliseconds for the whole answer, all attempts together. */
  timeoutMs: z.optional(Whole),
  /** Calls that may be made for one answer. */
  attempts: z.optional(Whole),
  /** Seconds for which an answer to the same question of the same workspace is used again; never unless given. */
  cacheSeconds: z.optional(Whole),
  /** Milliseconds after which a P1 ticket asks a second model as well; never unless given. */
  hedgeAfterMs: z.optional(Whole),
});

const BudgetSchema = z.strictObject({
  /** Of each workspace, of each task type in it, or of each ticket. */
  scope: z.enum(['workspace', 'task', 'ticket']),
  period: z.enum(['day', 'month']),
  usd: Usd,
  /** Only this workspace, or this task type. */
  workspace: z.optional(z.string()),
  task: z.optional(z.enum(ROUTES)),
  /** Share of the budget from which on cheaper models come first; 0.8 unless given. */
  warnAt: z.optional(z.number().check(z.gte(0), z.lte(1))),
});
export type BudgetSettings = z.infer<typeof BudgetSchema>;

const Schema = z.strictObject({
  providers: z.record(Name, ProviderSchema),
  models: z.record(Name, ModelSchema),
  /** Routes by task type; `default` serves the others, vectors excepted. */
  tasks: z.partialRecord(z.enum([...ROUTES, 'default']), RouteSchema),
  budgets: z.optional(z.array(BudgetSchema)),
});

/** One model, with all that a call needs to know. */
export interface ModelSettings {
  /** Its name in the configuration. */
  readonly name: string;
  /** `bedrock/eu-central-1/eu.amazon.nova-lite-v1:0`: breaker and limits are shared under this name. */
  readonly key: string;
  readonly vendor: Vendor;
  readonly provider: string;
  readonly id: string;
  readonly structured: 'native' | 'tool' | 'words';
  readonly price: Price;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly timeoutMs: number;
  readonly thinkingTokens: number;
  readonly dimensions: number | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface WeightedModel {
  readonly model: ModelSettings;
  readonly weight: number;
}

export interface Route {
  readonly models: readonly WeightedModel[];
  readonly fallbacks: readonly WeightedModel[];
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly cacheSeconds: number | undefined;
  readonly hedgeAfterMs: number | undefined;
}

export interface ModelsConfiguration {
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  readonly models: readonly ModelSettings[];
  readonly routes: { readonly [R in RouteName]?: Route };
  readonly budgets: readonly BudgetSettings[];
}

const ATTEMPT_MS = 20_000;
const ROUTE_MS = 30_000;
const ATTEMPTS = 4;

/**
 * Reads `TRIFOLD_MODELS`; `undefined` without it. Throws one error that names everything that is wrong, by path, and no
 * value of it.
 */
export function readModels(env: Environment): ModelsConfiguration | undefined {
  const text = env[MODELS_VARIABLE];
  if (!text?.trim()) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong(['it is no JSON']);
  }
  const parsed = z.safeParse(Schema, json);
  if (!parsed.success) throw wrong(describeIssues(parsed.error));
  const { providers, models, tasks, budgets = [] } = parsed.data;
  const issues: string[] = [];
  const settings = new Map<string, ModelSettings>();
  for (const [name, model] of Object.entries(models)) {
    const provider = providers[model.provider];
    if (!provider) {
      issues.push(`models.${name}.provider: there is no provider ${model.provider}`);
      continue;
    }
    const price = typeof model.price === 'object' ? model.price : listPrice(provider.kind, model.price ?? model.id);
    if (!price) {
      issues.push(`models.${name}.price: the price table does not know this model; say what a million tokens cost`);
      continue;
    }
    settings.set(name, toModel(name, model, provider, price));
  }
  const weigh = (choices: readonly z.infer<typeof Choice>[], path: string): WeightedModel[] =>
    choices.flatMap((choice, i) => {
      const { model: name, weight } = typeof choice === 'string' ? { model: choice, weight: 1 } : choice;
      const model = settings.get(name);
      if (!model && !models[name]) issues.push(`${path}.${i}: there is no model ${name}`);
      return model ? [{ model, weight }] : [];
    });
  const routes: { [R in RouteName]?: Route } = {};
  for (const name of ROUTES) {
    const own = tasks[name];
    const route = own ?? (name === 'embedding' ? undefined : tasks.default);
    if (!route) continue;
    const path = `tasks.${own ? name : 'default'}`;
    routes[name] = {
      models: weigh(route.models, `${path}.models`),
      fallbacks: weigh(route.fallbacks ?? [], `${path}.fallbacks`),
      timeoutMs: route.timeoutMs ?? ROUTE_MS,
      attempts: route.attempts ?? ATTEMPTS,
      cacheSeconds: route.cacheSeconds,
      hedgeAfterMs: route.hedgeAfterMs,
    };
  }
  budgets.forEach(({ scope, task }, i) => {
    if (task && scope !== 'task') issues.push(`budgets.${i}.task: only a budget of scope "task" has one`);
  });
  if (issues.length > 0) throw wrong([...new Set(issues)]);
  return { providers, models: [...settings.values()], routes, budgets };
}

function toModel(
  name: string,
  model: z.infer<typeof ModelSchema>,
  provider: ProviderSettings,
  price: Price,
): ModelSettings {
  return {
    name,
    key: `${provider.kind}/${regionOf(provider)}/${model.id}`,
    vendor: provider.kind,
    provider: model.provider,
    id: model.id,
    structured: model.structured ?? structuredMode(provider.kind, model.id),
    price,
    requestsPerMinute: model.requestsPerMinute,
    tokensPerMinute: model.tokensPerMinute,
    timeoutMs: model.timeoutMs ?? ATTEMPT_MS,
    thinkingTokens: model.thinkingTokens ?? 0,
    dimensions: model.dimensions,
    extra: model.extra ?? {},
  };
}

function regionOf(provider: ProviderSettings): string {
  if (provider.kind === 'vertex') return provider.location;
  return provider.region ?? (provider.kind === 'azure-openai' ? new URL(provider.endpoint).host : '');
}

/**
 * Claude from 4.5 on answers in a given JSON schema on Bedrock; the other models there are made to call a tool
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
 */
const structuredMode = (vendor: Vendor, id: string): 'native' | 'tool' =>
  vendor !== 'bedrock' || /anthropic\.claude-(haiku|sonnet|opus)-(4-[5-9]|[5-9])/.test(id) ? 'native' : 'tool';

const wrong = (issues: readonly string[]): AppError =>
  new AppError('bad_configuration', `${MODELS_VARIABLE} is wrong: ${issues.join('; ')}`, {
    status: 500,
    expose: true,
    retryable: false,
  });
