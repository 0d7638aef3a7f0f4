import type { Environment } from '../../settings.ts';
import type { ProviderSettings } from '../routing/configuration.ts';
import { ModelFailure } from '../routing/failure.ts';
import { createPoster, readJson } from '../routing/post.ts';
import type { Attempt, Provider } from '../routing/provider.ts';
import { fromContentAnswer, toFailure } from './from-answer.ts';
import { toContentRequest } from './to-request.ts';
import { createAccessToken } from './token.ts';
import type { ContentAnswer, PredictAnswer } from './wire.ts';

type Settings = Extract<ProviderSettings, { kind: 'vertex' }>;

const MULTI_REGIONS = ['us', 'eu'];

/** Where a location's models are: `global`, `eu` and `us` have addresses of their own kind. */
function addressOf(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (MULTI_REGIONS.includes(location)) return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/**
 * Gemini on Vertex AI by `generateContent`, and embedding models by `predict`. Two POSTs need no client library:
 * `infra/decisions/models.md` has the figures.
 */
export function openVertex({ project, location, endpoint }: Settings, env: Environment): Provider {
  const address = endpoint?.replace(/\/+$/, '') ?? addressOf(location);
  const models = `${address}/v1/projects/${project}/locations/${location}/publishers/google/models`;
  const poster = createPoster();
  const token = createAccessToken(env);

  async function post<A>(id: string, method: string, body: object, attempt: Attempt): Promise<A> {
    const headers = { authorization: `Bearer ${await token()}` };
    const url = new URL(`${models}/${encodeURIComponent(id)}:${method}`);
    const posted = await poster.post(url, headers, JSON.stringify(body), attempt);
    if (posted.status !== 200) throw toFailure(posted, Date.now());
    return readJson(posted.text) as A; // of the documented form; every member is looked at with care
  }

  return {
    async generate(model, request, attempt) {
      const body = toContentRequest(model, request);
      return fromContentAnswer(await post<ContentAnswer>(model.id, 'generateContent', body, attempt));
    },
    async embed(model, texts, kind, attempt) {
      const task_type = kind === 'query' ? 'RETRIEVAL_QUERY' : 'RETRIEVAL_DOCUMENT';
      const body = {
        instances: texts.map((content) => ({ content, task_type })),
        parameters: { autoTruncate: true, ...(model.dimensions ? { outputDimensionality: model.dimensions } : {}) },
      };
      const { predictions = [] } = await post<PredictAnswer>(model.id, 'predict', body, attempt);
      const vectors = predictions.map(({ embeddings }) => embeddings?.values ?? []);
      if (vectors.length !== texts.length || vectors.some(({ length }) => length === 0))
        throw new ModelFailure('down', 'the answer lacks vectors');
      const inputTokens = predictions.reduce(
        (sum, { embeddings }) => sum + (embeddings?.statistics?.token_count ?? 0),
        0,
      );
      return { vectors, usage: { inputTokens, outputTokens: 0 } };
    },
    close: () => poster.close(),
  };
}
