import type { TaskInput, TaskOutput } from '../tasks.ts';

/** How sure a reply from facts of the team's own systems is, and one from an article. */
const FROM_FACTS = 0.9;
const FROM_ARTICLE = 0.95;

/** Puts known facts and the passage of an article into a letter; adds nothing that was not given. */
export function composeReply({ customerName, facts, articles }: TaskInput<'reply'>): TaskOutput<'reply'> {
  const [article] = articles;
  const body = [
    ...(facts.length > 0 ? [facts.join(' ')] : []),
    ...(article ? [`From our help article "${article.title}" (${article.id}):\n${article.passage.trim()}`] : []),
  ];
  const lines = [
    `Hello${customerName ? ` ${customerName}` : ''},`,
    ...body,
    'If this does not answer your question, just reply and a person will read it.',
    'This answer was put together automatically.',
  ];
  return {
    reply: lines.join('\n\n'),
    confidence: body.length === 0 ? 0 : facts.length > 0 ? FROM_FACTS : FROM_ARTICLE,
  };
}
