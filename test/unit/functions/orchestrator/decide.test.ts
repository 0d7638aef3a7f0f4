import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidentIntents, intentsFor, specialistsFor, weigh } from '../../../../functions/orchestrator/decide.ts';
import { newTicket } from '../../../../functions/orchestrator/intake.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import type { Ticket } from '../../../../shared/domain/ticket.ts';
import { CONFIDENT, INTENTS, type Intent, SPECIALISTS, type Specialist } from '../../../../shared/domain/vocabulary.ts';

/** Often high: what matters happens around the threshold. */
const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.6, max: 1, noNaN: true }));

function ticketWith(intents: readonly { intent: Intent; confidence: number }[]): Ticket {
  const request = { description: 'Something', customerId: 'cus_1', channel: 'api' } as const;
  const ticket: Ticket = {
    ...newTicket(`tkt_${'0'.repeat(26)}`, request, 0),
    triage: {
      intents: [...intents],
      priority: 'P3',
      priorityReason: 'none',
      sentiment: 'neutral',
      escalationRisk: 0,
      model: 'test',
    },
  };
  return { ...ticket, expected: specialistsFor(confidentIntents(ticket)) };
}

const tickets = fc
  .uniqueArray(fc.constantFrom(...INTENTS), { minLength: 1 })
  .chain((intents) =>
    fc
      .tuple(...intents.map(() => score))
      .map((scores) => ticketWith(intents.map((intent, i) => ({ intent, confidence: scores[i] ?? 0 })))),
  );

const findingOf = (agent: Specialist): fc.Arbitrary<Finding> =>
  fc.record({
    agent: fc.constant(agent),
    verdict:
      agent === 'sentiment'
        ? fc.constantFrom('nothing', 'nothing', 'nothing', 'escalate')
        : fc.constantFrom('answered', 'answered', 'answered', 'answered', 'answered', 'escalate', 'nothing'),
    confidence: score,
    evidence: fc.array(fc.record({ fact: fc.string(), source: fc.constant('test') }), { maxLength: 3 }),
    proposedActions: fc.constant([]),
    proposedReply: fc.string({ minLength: 1 }),
    reason: fc.constant('because'),
    model: fc.constant('test'),
  });
const findings = fc
  .oneof(fc.constant([...SPECIALISTS]), fc.subarray([...SPECIALISTS], { minLength: SPECIALISTS.length - 1 }))
  .chain((agents) => fc.tuple(...agents.map(findingOf)))
  .map((tuple): Finding[] => tuple);

const answer = (agent: Specialist, confidence: number, reply = `From ${agent}`): Finding => ({
  agent,
  verdict: agent === 'sentiment' ? 'nothing' : 'answered',
  confidence,
  evidence: agent === 'sentiment' ? [] : [{ fact: reply, source: 'test' }],
  proposedActions: [],
  ...(agent === 'sentiment' ? {} : { proposedReply: reply }),
  reason: 'because',
  model: 'test',
});

describe('a decision', () => {
  it('is the same whatever the order of the findings', () => {
    const shuffled = findings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(tickets, shuffled, (ticket, [all, other]) => {
        expect(weigh(ticket, other)).toEqual(weigh(ticket, all));
      }),
      { numRuns: 500 },
    );
  });

  it('is never a reply while a specialist is missing', () => {
    fc.assert(
      fc.property(tickets, findings, (ticket, all) => {
        const verdict = weigh(ticket, all);
        const missing = ticket.expected.filter((agent) => !all.some((finding) => finding.agent === agent));
        expect(verdict.missing).toEqual(missing);
        if (missing.length > 0) expect(verdict.kind).toBe('handoff');
      }),
      { numRuns: 500 },
    );
  });

  it('is never a reply under 0.7, nor against an escalation, nor without evidence', () => {
    fc.assert(
      fc.property(tickets, findings, (ticket, all) => {
        const verdict = weigh(ticket, all);
        if (verdict.kind !== 'reply') return;
        expect(verdict.confidence).toBeGreaterThanOrEqual(CONFIDENT);
        expect(verdict.suggestedReply).toMatch(/\S/);
        const asked = all.filter(({ agent }) => ticket.expected.includes(agent));
        expect(asked.filter((one) => one.verdict === 'escalate' && one.confidence >= 0.5)).toEqual([]);
        expect(asked.some((one) => one.verdict === 'answered' && one.evidence.length > 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what the findings amount to', () => {
  const both = ticketWith([
    { intent: 'billing', confidence: 0.9 },
    { intent: 'technical', confidence: 0.8 },
  ]);

  it('is a reply of both answers, as sure as the less sure one', () => {
    const verdict = weigh(both, [answer('sentiment', 1), answer('technical', 0.75), answer('billing', 0.88)]);
    expect(verdict).toMatchObject({
      kind: 'reply',
      confidence: 0.75,
      suggestedReply: 'From billing\n\nFrom technical',
      missing: [],
    });
  });

  it('says one thing once, though two specialists found it', () => {
    const same = 'Read the article';
    const verdict = weigh(both, [answer('sentiment', 1), answer('technical', 0.8, same), answer('billing', 0.8, same)]);
    expect(verdict.suggestedReply).toBe(same);
  });

  it('keeps for the human what an escalating specialist would say', () => {
    const found: Finding = { ...answer('billing', 0.9), verdict: 'escalate' };
    expect(weigh(both, [answer('sentiment', 1), answer('technical', 0.8), found])).toMatchObject({
      kind: 'handoff',
      reason: 'billing: because',
      suggestedReply: 'From billing\n\nFrom technical',
    });
  });

  it('needs no answer to a general word beside a specific matter that has one', () => {
    const ticket = ticketWith([
      { intent: 'billing', confidence: 0.9 },
      { intent: 'general', confidence: 0.9 },
    ]);
    const silent: Finding = { ...answer('sentiment', 1), agent: 'technical' };
    expect(weigh(ticket, [answer('sentiment', 1), silent, answer('billing', 0.88)]).kind).toBe('reply');
    const alone = ticketWith([{ intent: 'general', confidence: 0.9 }]);
    expect(weigh(alone, [answer('sentiment', 1), silent])).toMatchObject({
      kind: 'handoff',
      reason: 'Nobody could answer the general part',
    });
  });

  it('asks each specialist about its own intents only', () => {
    expect(intentsFor('technical', ['billing', 'general', 'technical'])).toEqual(['general', 'technical']);
    expect(intentsFor('sentiment', ['billing'])).toEqual([]);
  });
});
