import { AppError } from '../../errors.ts';
import type { Base } from '../../runtime.ts';
import type { LabelledRow } from './csv.ts';
import { classifyIntents, classifyWith, INTENTS, type IntentAnswer } from './intents.ts';
import type { Model } from './model.ts';
import { load, save } from './serialize.ts';
import { train } from './train.ts';

/** Where a workspace's own classifier lies among the objects. */
export const ownClassifierKey = (workspace: string): string => `workspaces/${workspace}/models/intents.bin`;

/** How long an instance trusts what it loaded, milliseconds. */
const FRESH_MS = 60_000;

/** Trains a classifier of the four intents on a workspace's own tickets. Throws on other categories and on too few rows. */
export function trainIntents(rows: readonly LabelledRow[]): Uint8Array {
  const known: readonly string[] = INTENTS;
  const foreign = [...new Set(rows.flatMap((row) => row.labels))].filter((label) => !known.includes(label));
  if (foreign.length > 0)
    throw new AppError(
      'bad_corpus',
      `Tickets have the intents ${INTENTS.join(', ')} or oos; the file also has ${foreign.slice(0, 5).join(', ')}`,
      { status: 400 },
    );
  const missing = INTENTS.filter((intent) => rows.filter((row) => row.labels.includes(intent)).length < 10);
  if (missing.length > 0)
    throw new AppError(
      'bad_corpus',
      `At least 10 rows of each intent are needed; there are fewer of ${missing.join(', ')}`,
      { status: 400 },
    );
  return save(train(rows));
}

/** Classifies by the workspace's own classifier where it has one, else by the built-in one. */
export function openClassifier(
  base: Pick<Base, 'objects' | 'clock' | 'log' | 'settings'>,
): (workspace: string) => Promise<(text: string) => IntentAnswer> {
  const kept = new Map<string, { until: number; model: Promise<Model | undefined> }>();
  async function read(workspace: string): Promise<Model | undefined> {
    const object = await base.objects().get(ownClassifierKey(workspace));
    return object && load(new Uint8Array(await new Response(object.body).arrayBuffer()));
  }
  return async (workspace) => {
    if (!base.settings.ownClassifier) return classifyIntents;
    const now = base.clock.now();
    let entry = kept.get(workspace);
    if (!entry || entry.until <= now) {
      const model = read(workspace).catch((error: unknown) => {
        base.log.warn('The built-in classifier stands in for the own one', {
          error: error instanceof Error ? error : undefined,
        });
        return undefined;
      });
      entry = { until: now + FRESH_MS, model };
      kept.set(workspace, entry);
    }
    const own = await entry.model;
    return own ? (text) => classifyWith(own, text) : classifyIntents;
  };
}
