import type { Handlers } from '../../shared/function.ts';
import { type Opinion, onBehalfOf, reportFinding } from '../../shared/specialists/report.ts';
import type { sentiment } from './function.ts';

/** From this risk on a human should answer, whatever the other specialists know. */
const HUMAN_RISK = 0.8;

export const handlers: Handlers<typeof sentiment> = {
  assigned: async (assignment, ctx) =>
    reportFinding('sentiment', assignment, ctx, async (ticket) => {
      const { value, model } = await ctx.model.ask('sentiment', { text: ticket.description }, onBehalfOf(ticket, ctx));
      const risky = value.escalationRisk >= HUMAN_RISK;
      return {
        verdict: risky ? 'escalate' : 'nothing',
        confidence: risky ? value.escalationRisk : 1 - value.escalationRisk,
        evidence: value.sentences.map((sentence) => ({ fact: sentence, source: 'ticket' })),
        proposedActions: [],
        reason: `${value.label}, frustration ${percent(value.frustration)}, escalation risk ${percent(value.escalationRisk)}`,
        model,
      } satisfies Opinion;
    }),
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
