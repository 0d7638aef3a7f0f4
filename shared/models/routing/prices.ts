import type { Usage } from '../../ports/model.ts';
import { type Pico, toPico } from './usd.ts';

/** US dollars for a million tokens, as decimal strings. */
export interface Price {
  readonly input: string;
  /** Input that the vendor had in its prompt cache; `input` unless given. */
  readonly cached?: string | undefined;
  /** Input that was written to that cache; `input` unless given. */
  readonly cacheWrite?: string | undefined;
  readonly output: string;
}

/** When the table below was compared with its sources. */
export const PRICES_OF = '2026-11-01';

export const PRICE_SOURCES = {
  bedrock: 'https://aws.amazon.com/bedrock/pricing/',
  'azure-openai': 'https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/',
  vertex: 'https://cloud.google.com/vertex-ai/generative-ai/pricing',
} as const;

/**
 * On-demand list prices of text by vendor and model: Bedrock by model id (`global.` apart: from Claude 4.5 and Nova 2
 * on, staying in one region or geography costs a tenth more), Azure OpenAI by model (a deployment may have any name) in global
 * deployments, Vertex AI for prompts of at most 200,000 tokens. Discounts, other tiers and newer models: `price` in the
 * configuration.
 */
export const PRICES: Readonly<Record<string, Price>> = {
  'bedrock/global.anthropic.claude-haiku-4-5': { input: '1', cached: '0.1', cacheWrite: '1.25', output: '5' },
  'bedrock/anthropic.claude-haiku-4-5': { input: '1.1', cached: '0.11', cacheWrite: '1.375', output: '5.5' },
  'bedrock/global.anthropic.claude-sonnet-4-5': { input: '3', cached: '0.3', cacheWrite: '3.75', output: '15' },
  'bedrock/anthropic.claude-sonnet-4-5': { input: '3.3', cached: '0.33', cacheWrite: '4.125', output: '16.5' },
  'bedrock/global.anthropic.claude-sonnet-4-6': { input: '3', cached: '0.3', cacheWrite: '3.75', output: '15' },
  'bedrock/anthropic.claude-sonnet-4-6': { input: '3.3', cached: '0.33', cacheWrite: '4.125', output: '16.5' },
  'bedrock/amazon.nova-micro': { input: '0.035', cached: '0.00875', output: '0.14' },
  'bedrock/amazon.nova-lite': { input: '0.06', cached: '0.015', output: '0.24' },
  'bedrock/amazon.nova-pro': { input: '0.8', cached: '0.2', output: '3.2' },
  'bedrock/global.amazon.nova-2-lite': { input: '0.3', cached: '0.075', output: '2.5' },
  'bedrock/amazon.nova-2-lite': { input: '0.33', cached: '0.0825', output: '2.75' },
  'bedrock/amazon.titan-embed-text-v2': { input: '0.02', output: '0' },
  'azure-openai/gpt-4.1': { input: '2', cached: '0.5', output: '8' },
  'azure-openai/gpt-4.1-mini': { input: '0.4', cached: '0.1', output: '1.6' },
  'azure-openai/gpt-4.1-nano': { input: '0.1', cached: '0.03', output: '0.4' },
  'azure-openai/gpt-4o-mini': { input: '0.15', cached: '0.075', output: '0.6' },
  'azure-openai/gpt-5': { input: '1.25', cached: '0.125', output: '10' },
  'azure-openai/gpt-5-mini': { input: '0.25', cached: '0.025', output: '2' },
  'azure-openai/gpt-5-nano': { input: '0.05', cached: '0.005', output: '0.4' },
  'azure-openai/text-embedding-3-small': { input: '0.02', output: '0' },
  'azure-openai/text-embedding-3-large': { input: '0.13', output: '0' },
  'vertex/gemini-2.5-pro': { input: '1.25', cached: '0.125', output: '10' },
  'vertex/gemini-2.5-flash': { input: '0.3', cached: '0.03', output: '2.5' },
  'vertex/gemini-2.5-flash-lite': { input: '0.1', cached: '0.01', output: '0.4' },
  'vertex/gemini-embedding-001': { input: '0.15', output: '0' },
};

const GEOGRAPHY = /^(us|eu|apac|jp|au|us-gov)\./;
/** What a name may end with beyond the model itself, outermost first. */
const ENDINGS = [/(:\w+)+$/, /-v\d+$/, /-(\d{8}|\d{4}-\d\d-\d\d)$/];

/** The table's price of a model, whatever its geography and version; `undefined` when the table does not know it. */
export function listPrice(vendor: string, id: string): Price | undefined {
  let name = id.replace(GEOGRAPHY, '');
  for (const ending of [/^$/, ...ENDINGS]) {
    name = name.replace(ending, '');
    const price = PRICES[`${vendor}/${name}`];
    if (price) return price;
  }
  return undefined;
}

/** What a use costs, exact. */
export function costOf(usage: Usage, price: Price): Pico {
  const cached = usage.cachedTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const plain = Math.max(0, usage.inputTokens - cached - written);
  return (
    perToken(price.input) * BigInt(plain) +
    perToken(price.cached ?? price.input) * BigInt(cached) +
    perToken(price.cacheWrite ?? price.input) * BigInt(written) +
    perToken(price.output) * BigInt(usage.outputTokens)
  );
}

/** Of a price for a million tokens. Prices have at most six decimals, so that this is exact. */
const perToken = (perMillion: string): Pico => toPico(perMillion) / 1_000_000n;

/** Tokens of a text, rather too many than too few: models differ, and a budget must hold for all of them. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / 3) + 16;

/** Adds what several attempts used. */
export function sumUsage(usages: readonly Usage[]): Usage {
  const sum = (pick: (usage: Usage) => number | undefined) => usages.reduce((all, one) => all + (pick(one) ?? 0), 0);
  const cachedTokens = sum((usage) => usage.cachedTokens);
  const cacheWriteTokens = sum((usage) => usage.cacheWriteTokens);
  const reasoningTokens = sum((usage) => usage.reasoningTokens);
  return {
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    ...(cachedTokens ? { cachedTokens } : {}),
    ...(cacheWriteTokens ? { cacheWriteTokens } : {}),
    ...(reasoningTokens ? { reasoningTokens } : {}),
  };
}
