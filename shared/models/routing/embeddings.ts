import { LimitError } from '../../errors.ts';
import type { EmbedOptions } from '../../ports/embeddings.ts';
import { type Guards, metered, type Question } from './call.ts';
import type { ModelSettings, Route } from './configuration.ts';
import { estimateTokens } from './prices.ts';
import type { createWalk } from './walk.ts';

export interface EmbeddedBy {
  readonly vectors: Float32Array[];
  readonly space: string;
  readonly model: ModelSettings;
}

const MOST_TEXTS = 1_000;
/** All three vendors' models read about 8,000 tokens; what is longer would be refused as a whole. */
const MOST_CHARACTERS = 20_000;
const AT_ONCE = 4;

/** Texts that one call takes: Titan and Gemini's embedding models take one, the others many. */
export function batchOf({ vendor, id }: ModelSettings): number {
  if (vendor === 'azure-openai') return 128;
  return vendor === 'vertex' && !id.startsWith('gemini-') ? 25 : 1;
}

/** Vectors of one model with one length can be compared with each other, whoever hosts it. */
export const spaceOf = ({ id, dimensions }: ModelSettings): string => (dimensions ? `${id}/${dimensions}` : id);

/**
 * All texts in one space: the first batch finds a model that answers, and only models of its space do the rest. Texts
 * are cut at 20,000 characters. `undefined` when a part stays without answer.
 */
export async function embedWith(
  walk: ReturnType<typeof createWalk>,
  guards: Guards,
  route: Route,
  question: Question,
  texts: readonly string[],
  { kind = 'document', space }: EmbedOptions,
): Promise<EmbeddedBy | undefined> {
  if (texts.length > MOST_TEXTS) throw new LimitError(`${texts.length} texts at once; ${MOST_TEXTS} are the limit`);
  const cut = texts.map((text) => text.slice(0, MOST_CHARACTERS) || ' ');
  const batch = async (from: number, wanted: string | undefined) =>
    walk({ route, task: 'embedding', suits: (model) => !wanted || spaceOf(model) === wanted }, question, {
      estimate: (model) => ({
        inputTokens: estimateTokens(cut.slice(from, from + batchOf(model)).join('').length),
        outputTokens: 0,
      }),
      perform: (model, leave, of, timeoutMs) => {
        const some = cut.slice(from, from + batchOf(model));
        return metered(guards, model, of, leave, timeoutMs, (provider, attempt) =>
          provider.embed(model, some, kind, attempt),
        );
      },
    });

  const [primary] = route.models;
  if (cut.length === 0) return primary && { vectors: [], space: space ?? spaceOf(primary.model), model: primary.model };
  const first = await batch(0, space);
  if (!first) return undefined;
  const found = spaceOf(first.model);
  const vectors: Float32Array[] = [];
  const keep = (from: number, some: readonly (readonly number[])[]) =>
    some.forEach((vector, i) => {
      vectors[from + i] = toUnit(vector);
    });
  keep(0, first.result.vectors);
  const size = batchOf(first.model);
  const starts = Array.from({ length: Math.max(0, Math.ceil(cut.length / size) - 1) }, (_, i) => (i + 1) * size);
  let complete = true;
  const work = async () => {
    for (let from = starts.shift(); from !== undefined && complete; from = starts.shift()) {
      const next = await batch(from, found);
      complete &&= next !== undefined;
      if (next) keep(from, next.result.vectors);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return complete && vectors.length === cut.length ? { vectors, space: found, model: first.model } : undefined;
}

/** Length 1: shortened vectors of text-embedding-3 and Gemini do not have it by themselves. */
function toUnit(vector: readonly number[]): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
  return Float32Array.from(vector, (x) => x / length);
}
