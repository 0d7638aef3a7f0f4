import type { Model } from '../../ports/model.ts';
import type { PortOpener } from '../../runtime.ts';
import { parseInput, parseOutput } from '../../schema.ts';
import { TASKS, type TaskInput, type TaskName, type TaskOutput } from '../tasks.ts';
import { classifyIntents } from './intents.ts';
import { openClassifier } from './own-classifier.ts';
import { choosePriority } from './priority.ts';
import { composeReply } from './reply.ts';
import { scoreSentiment } from './sentiment.ts';
import { summarize } from './summarize.ts';

type Classifier = typeof classifyIntents;
type Answers = { readonly [T in TaskName]: (input: TaskInput<T>, classify: Classifier) => TaskOutput<T> };

/** How each task is done without any language model. */
const ANSWERS: Answers = {
  triage({ text, subject }, classify) {
    const whole = subject ? `${subject}. ${text}` : text;
    const { intents, outOfScope } = classify(whole);
    const sentiment = scoreSentiment(text);
    const { priority, reason } = choosePriority({ text: whole, intents, sentiment });
    return {
      // What no desk answers is nobody's intent, however near a word may come.
      intents: intents.map(({ intent, confidence }) => ({
        intent,
        confidence: outOfScope ? Math.min(confidence, 0.5) : confidence,
      })),
      priority,
      priorityReason: reason,
      sentiment: sentiment.label,
      escalationRisk: sentiment.escalationRisk,
    };
  },
  sentiment({ text }) {
    const { evidence, ...sentiment } = scoreSentiment(text);
    return { ...sentiment, sentences: [...evidence] };
  },
  reply: composeReply,
  summary: ({ text, sentences }) => ({ summary: summarize(text, sentences) }),
};

/** Does one task; throws 400 for an input that does not fit it. */
export function answerOffline<T extends TaskName>(
  task: T,
  input: TaskInput<T>,
  classify: Classifier = classifyIntents,
): TaskOutput<T> {
  const { input: inputSchema, output } = TASKS[task];
  // One table is looked up twice under the same key, which TypeScript cannot relate.
  const answer = ANSWERS[task] as (input: unknown, classify: Classifier) => unknown;
  const value = answer(parseInput(inputSchema, input, 'model input'), classify);
  return parseOutput(output, value, `The offline answer to ${task}`) as TaskOutput<T>;
}

/** The model of a desk without any provider: statistics, rules and templates; it says so in every answer. */
export const openOfflineModel: PortOpener<Model> = (base) => {
  const classifierOf = openClassifier(base);
  return ({ workspace }) => ({
    async ask(task, input) {
      const value = answerOffline(task, input, await classifierOf(workspace));
      return { value, model: 'offline', cost: '0', usage: { inputTokens: 0, outputTokens: 0 } };
    },
  });
};
