import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddings, openModel } from '../../../../shared/models/index.ts';
import type { Base, Scope } from '../../../../shared/runtime.ts';
import { COMMON, readVariables } from '../../../../shared/settings.ts';
import { rejection } from '../../../contracts/support.ts';
import { type Rig, startRig, THREE } from './rig.ts';

const TITAN = { provider: 'aws', id: 'amazon.titan-embed-text-v2:0', dimensions: 256 };
const SMALL = { provider: 'azure', id: 'text-embedding-3-small', dimensions: 256 };
const GEMINI = { provider: 'google', id: 'gemini-embedding-001', dimensions: 256 };
const config = (...models: string[]) => ({
  ...THREE,
  models: { ...THREE.models, titan: TITAN, small: SMALL, gemini: GEMINI },
  tasks: { ...THREE.tasks, embedding: { models: models.slice(0, 1), fallbacks: models.slice(1) } },
});

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => {
  rig.peer.reset();
  rig.clock.advance(600_000);
});
afterAll(() => rig.close());

describe('vectors', () => {
  it.each([
    ['titan', 'amazon.titan-embed-text-v2:0/256', 10],
    ['small', 'text-embedding-3-small/256', 1],
    ['gemini', 'gemini-embedding-001/256', 10],
  ])('of %s come in order, of length 1, with their space and price', async (model, space, calls) => {
    const texts = Array.from({ length: 10 }, (_, i) => `text number ${i}`);
    const { embeddings } = rig.instance(config(model));
    const embedded = await embeddings.embed(texts);
    expect(embedded?.space).toBe(space);
    expect(rig.peer.heard).toHaveLength(calls);
    expect(Number(embedded?.cost)).toBeGreaterThan(0);
    const lengths = embedded?.vectors.map((vector) => Math.hypot(...vector).toFixed(4));
    expect(lengths).toEqual(texts.map(() => '1.0000'));
    const [last] = (await embeddings.embed(['text number 9'], { kind: 'query' }))?.vectors ?? [];
    expect(embedded?.vectors[9]).toEqual(last);
  });

  it('never mix two spaces: a model that fails half-way leaves no answer rather than another space', async () => {
    const { embeddings } = rig.instance(config('titan', 'small'));
    const titan = rig.peer.script('amazon.titan-embed-text-v2:0');
    titan.lines.push({ kind: 'status', status: 400 });
    expect(await embeddings.embed(['a'])).toMatchObject({ space: 'text-embedding-3-small/256' });
    expect(await embeddings.embed(['a'], { space: 'amazon.titan-embed-text-v2:0/256' })).toBeDefined();
    titan.lines.push({ kind: 'status', status: 400 });
    expect(await embeddings.embed(['a'], { space: 'amazon.titan-embed-text-v2:0/256' })).toBeUndefined();
    expect(await embeddings.embed(['a'], { space: 'somebody-else/256' })).toBeUndefined();
  });

  it('are made of at most a thousand texts', async () => {
    const error = await rejection(rig.instance(config('small')).embeddings.embed(Array(1_001).fill('x')));
    expect(error).toMatchObject({ code: 'limit_exceeded' });
  });
});

describe('the ports of a desk', () => {
  const baseOf = (env: Record<string, string>) =>
    ({
      cloud: 'local',
      env,
      settings: readVariables(env, COMMON),
      store: rig.store,
      clock: rig.clock,
      metrics: rig.metrics,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }) as unknown as Base; // what models use of it
  const scope = { workspace: 'acme', signal: new AbortController().signal } as unknown as Scope; // what models use of it

  it('without TRIFOLD_MODELS are offline, and say nothing of a fall-back', async () => {
    const model = openModel(baseOf({}))(scope);
    const answer = await model.ask('summary', { text: 'One. Two.', sentences: 1 });
    expect(answer).toMatchObject({ model: 'offline', cost: '0' });
    expect(answer).not.toHaveProperty('fallback');
    expect(model.generate).toBeUndefined();
    expect(await openEmbeddings(baseOf({}))(scope).embed(['x'])).toBeUndefined();
  });

  it('with TRIFOLD_MODELS are routed, and share one router', async () => {
    const text = JSON.stringify(config('small')).replaceAll('"PEER"', JSON.stringify(rig.peer.url));
    const base = baseOf({ ...rig.peer.env, TRIFOLD_MODELS: text });
    rig.peer.script('gpt-5-mini').lines.push({ kind: 'answer', say: { summary: 'One.' } });
    expect(await openModel(base)(scope).ask('summary', { text: 'One. Two.', sentences: 1 })).toMatchObject({
      model: 'azure-openai/swedencentral/gpt-5-mini',
    });
    expect((await openEmbeddings(base)(scope).embed(['x']))?.vectors).toHaveLength(1);
  });

  it('with a wrong TRIFOLD_MODELS do not open', () => {
    expect(() => openModel(baseOf({ TRIFOLD_MODELS: '{}' }))).toThrow('TRIFOLD_MODELS is wrong');
  });
});
