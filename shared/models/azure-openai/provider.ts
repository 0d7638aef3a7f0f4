import type { Environment } from '../../settings.ts';
import type { ModelSettings, ProviderSettings } from '../routing/configuration.ts';
import { createPoster, readJson } from '../routing/post.ts';
import type { Attempt, Provider } from '../routing/provider.ts';
import { fromChatAnswer, toFailure } from './from-answer.ts';
import { toChatRequest } from './to-request.ts';
import { createAuthorize } from './token.ts';
import type { ChatAnswer, ChatRequest, EmbeddingsAnswer, EmbeddingsRequest } from './wire.ts';

type Settings = Extract<ProviderSettings, { kind: 'azure-openai' }>;

/**
 * Azure OpenAI by its v1 endpoint, which takes no api-version
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). Two POSTs need no client library:
 * `infra/decisions/models.md` has the figures.
 */
export function openAzureOpenAi({ endpoint, apiKeyVariable }: Settings, env: Environment): Provider {
  const base = `${endpoint.replace(/\/+$/, '').replace(/\/openai\/v1$/, '')}/openai/v1`;
  const poster = createPoster();
  const authorize = createAuthorize(apiKeyVariable, env);

  async function post<A>(path: string, body: ChatRequest | EmbeddingsRequest, attempt: Attempt): Promise<A> {
    const posted = await poster.post(new URL(`${base}/${path}`), await authorize(), JSON.stringify(body), attempt);
    if (posted.status !== 200) throw toFailure(posted, Date.now());
    return readJson(posted.text) as A; // of the documented form; every member is looked at with care
  }

  return {
    async generate(model, request, attempt) {
      return fromChatAnswer(await post<ChatAnswer>('chat/completions', toChatRequest(model, request), attempt));
    },
    async embed(model: ModelSettings, texts, _kind, attempt) {
      const answer = await post<EmbeddingsAnswer>(
        'embeddings',
        {
          ...model.extra,
          model: model.id,
          input: [...texts],
          ...(model.dimensions ? { dimensions: model.dimensions } : {}),
        },
        attempt,
      );
      const vectors = answer.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
      return { vectors, usage: { inputTokens: answer.usage.prompt_tokens, outputTokens: 0 } };
    },
    close: () => poster.close(),
  };
}
