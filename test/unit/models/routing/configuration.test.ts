import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModels } from '../../../../shared/models/routing/configuration.ts';
import { costOf, listPrice, PRICES } from '../../../../shared/models/routing/prices.ts';
import { fromPico, toPico } from '../../../../shared/models/routing/usd.ts';
import { THREE } from './rig.ts';

const CONFIG = JSON.parse(JSON.stringify(THREE).replaceAll('"PEER"', '"http://127.0.0.1:1"'));
const read = (changes: object) => readModels({ TRIFOLD_MODELS: JSON.stringify({ ...CONFIG, ...changes }) });
const wrong = (changes: object): string => {
  try {
    read(changes);
  } catch (error) {
    return String(error);
  }
  throw new Error('It was taken for right');
};

describe('TRIFOLD_MODELS', () => {
  it('may be absent', () => {
    expect(readModels({})).toBeUndefined();
    expect(readModels({ TRIFOLD_MODELS: ' ' })).toBeUndefined();
  });

  it('serves every task by the default route, vectors excepted', () => {
    const config = read({ tasks: { ...CONFIG.tasks, triage: { models: ['haiku'] } } });
    expect(config?.routes.triage?.models[0]?.model.name).toBe('haiku');
    expect(config?.routes.reply?.models[0]?.model.name).toBe('mini');
    expect(config?.routes.embedding).toBeUndefined();
  });

  it('knows each model by vendor, region and id, and its price by the table', () => {
    const [haiku, mini] = read({})?.models ?? [];
    expect(haiku?.key).toBe('bedrock/eu-central-1/eu.anthropic.claude-haiku-4-5-20251001-v1:0');
    expect(haiku?.price).toMatchObject({ input: '1.1', output: '5.5' });
    expect(haiku?.structured).toBe('native');
    expect(mini?.price).toMatchObject({ input: '0.25', output: '2' });
  });

  it.each([
    [
      'a provider that is missing',
      { models: { ...CONFIG.models, x: { provider: 'y', id: 'z' } } },
      'models.x.provider: there is no provider y',
    ],
    [
      'a model that is missing',
      { tasks: { default: { models: ['nobody'] } } },
      'tasks.default.models.0: there is no model nobody',
    ],
    [
      'a price that nobody knows',
      { models: { ...CONFIG.models, mini: { provider: 'azure', id: 'my-own' } } },
      'models.mini.price',
    ],
    ['a member that does not exist', { budget: [] }, 'budget'],
    [
      'a task that does not exist',
      { tasks: { default: { models: ['mini'] }, triagge: { models: ['mini'] } } },
      'triagge',
    ],
    ['an amount that is none', { budgets: [{ scope: 'workspace', period: 'day', usd: 10 }] }, 'budgets.0.usd'],
  ])('says what is wrong and where: %s', (_, changes, words) => {
    expect(wrong(changes)).toContain('TRIFOLD_MODELS is wrong');
    expect(wrong(changes)).toContain(words);
  });

  it('is right in the example of the decision page', () => {
    const page = readFileSync(new URL('../../../../infra/decisions/models.md', import.meta.url), 'utf8');
    const config = readModels({ TRIFOLD_MODELS: /```json\n([\s\S]*?)```/.exec(page)?.[1] });
    expect(config?.routes.triage?.models).toHaveLength(2);
    expect(config?.routes.embedding?.models).toHaveLength(1);
  });

  it('never repeats its values in an error', () => {
    expect(wrong({ providers: { azure: { kind: 'azure-openai', endpoint: 'not-a-url-secret' } } })).not.toContain(
      'secret',
    );
    expect(() => readModels({ TRIFOLD_MODELS: '{"secret' })).toThrow('TRIFOLD_MODELS is wrong: it is no JSON');
  });
});

describe('prices', () => {
  it.each([
    ['bedrock', 'global.anthropic.claude-haiku-4-5-20251001-v1:0', '1'],
    ['bedrock', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', '1.1'],
    ['bedrock', 'amazon.nova-lite-v1:0', '0.06'],
    ['bedrock', 'eu.amazon.nova-micro-v1:0:24k', '0.035'],
    ['bedrock', 'amazon.titan-embed-text-v2:0', '0.02'],
    ['azure-openai', 'gpt-4.1-mini-2025-04-14', '0.4'],
    ['vertex', 'gemini-2.5-flash-lite', '0.1'],
  ])('of %s %s is %s', (vendor, id, input) => {
    expect(listPrice(vendor, id)?.input).toBe(input);
  });

  it('of a model that is not in the table are not guessed', () => {
    expect(listPrice('azure-openai', 'gpt-5-mini-turbo')).toBeUndefined();
    expect(listPrice('vertex', 'gemini-2.5-flash-image')).toBeUndefined();
    expect(listPrice('bedrock', 'amazon.titan-embed-text-v1')).toBeUndefined();
  });

  it('have at most six decimals, so that a token costs a whole number of units', () => {
    for (const price of Object.values(PRICES))
      for (const amount of Object.values(price)) expect(toPico(amount ?? '0') % 1_000_000n).toBe(0n);
  });

  it('make an exact cost, cached and written input apart', () => {
    const usage = { inputTokens: 1_000, cachedTokens: 300, cacheWriteTokens: 200, outputTokens: 7, reasoningTokens: 5 };
    const price = { input: '1', cached: '0.1', cacheWrite: '1.25', output: '5' };
    // 500 * 1 + 300 * 0.1 + 200 * 1.25 + 7 * 5, of a million
    expect(fromPico(costOf(usage, price))).toBe('0.000815');
  });
});
