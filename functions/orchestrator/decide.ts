import type { Finding } from '../../shared/domain/finding.ts';
import type { Decision, Ticket } from '../../shared/domain/ticket.ts';
import { CONFIDENT, type Intent, type Specialist } from '../../shared/domain/vocabulary.ts';

/**
 * How far a specialist's word counts for an intent, 0 to 1. `technical` keeps the knowledge base, so general questions
 * are its own; sentiment has a say on escalation alone.
 */
export const EXPERTISE: { readonly [S in Specialist]: { readonly [I in Intent]?: number } } = {
  billing: { billing: 1 },
  technical: { technical: 1, general: 0.95 },
  account: { account: 1 },
  sentiment: {},
};

/** From this confidence on, one specialist's "a human has to" is enough. */
const ESCALATE = 0.5;

/** Who works on a ticket: whoever has expertise in one of its intents, and sentiment always. */
export function specialistsFor(intents: readonly Intent[]): Specialist[] {
  const asked = (Object.keys(EXPERTISE) as Specialist[]).filter((agent) => intentsFor(agent, intents).length > 0); // keys of the table above
  return [...new Set([...asked, 'sentiment' as const])];
}

/** Of these intents the ones that a specialist has expertise in. */
export const intentsFor = (agent: Specialist, intents: readonly Intent[]): Intent[] =>
  intents.filter((intent) => EXPERTISE[agent][intent] !== undefined);

/** Intents that triage is sure enough of. */
export const confidentIntents = (ticket: Ticket): Intent[] =>
  (ticket.triage?.intents ?? []).filter(({ confidence }) => confidence >= CONFIDENT).map(({ intent }) => intent);

export type Verdict = Omit<Decision, 'version' | 'at'>;

/**
 * What the findings amount to. Each intent needs an answer whose confidence, weighed by expertise, reaches 0.7 (but
 * `general` none beside an answered other); the least sure one is the decision's confidence. A missing specialist, an
 * escalation, or an intent without an answer make it a hand-over, with what was found as the suggested reply. Pure: the
 * same findings in any order give the same decision.
 */
export function weigh(ticket: Ticket, findings: readonly Finding[]): Verdict {
  const known = [...findings]
    .filter((finding) => ticket.expected.includes(finding.agent))
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));
  const missing = ticket.expected.filter((agent) => !known.some((finding) => finding.agent === agent));
  const intents = confidentIntents(ticket);
  const found = intents.map((intent) => ({ intent, answer: best(intent, known) }));
  // A general word beside a certain matter is often only its wording: it may go without an answer where that has one.
  const specific = found.some(({ intent, answer }) => intent !== 'general' && answer !== undefined);
  const needed = found.filter(({ intent, answer }) => answer !== undefined || !(intent === 'general' && specific));
  const answers = needed.map(({ answer }) => answer);
  const replies = repliesOf(known);
  const suggestedReply = replies.length > 0 ? replies.join('\n\n') : undefined;
  const confidence = answers.length === 0 ? 0 : Math.min(...answers.map((answer) => answer?.score ?? 0));
  const base = {
    confidence,
    agents: known.map((finding) => finding.agent),
    missing,
    ...(suggestedReply ? { suggestedReply } : {}),
  };
  const handoff = (reason: string): Verdict => ({ kind: 'handoff', reason, ...base });

  const escalation = known.find((finding) => finding.verdict === 'escalate' && finding.confidence >= ESCALATE);
  if (escalation) return handoff(`${escalation.agent}: ${escalation.reason}`);
  if (answers.length === 0) return handoff('No intent is certain enough');
  if (missing.length > 0) return handoff(`No answer in time from ${missing.join(', ')}`);
  const gap = needed.find(({ answer }) => answer === undefined);
  if (gap) return handoff(`Nobody could answer the ${gap.intent} part`);
  if (confidence < CONFIDENT)
    return handoff(`The findings reach ${confidence.toFixed(2)} of the ${CONFIDENT} that an answer needs`);
  return {
    kind: 'reply',
    reason: `Answered by ${[...new Set(answers.map((answer) => answer?.finding.agent))].join(' and ')}`,
    ...base,
  };
}

/** The replies of the findings in their order, without those that rest on nothing that an earlier one has not said. */
function repliesOf(findings: readonly Finding[]): string[] {
  const said = new Set<string>();
  return findings.flatMap(({ proposedReply, evidence }) => {
    const news = evidence.filter(({ fact }) => !said.has(fact));
    if (!proposedReply || news.length === 0) return [];
    for (const { fact } of news) said.add(fact);
    return [proposedReply];
  });
}

function best(intent: Intent, findings: readonly Finding[]): { finding: Finding; score: number } | undefined {
  return findings
    .filter((finding) => finding.verdict === 'answered' && finding.proposedReply && finding.evidence.length > 0)
    .map((finding) => ({ finding, score: finding.confidence * (EXPERTISE[finding.agent][intent] ?? 0) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)[0];
}
