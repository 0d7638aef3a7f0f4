import type { Sentiment } from './sentiment.ts';

export interface Urgency {
  readonly priority: 'P1' | 'P2' | 'P3' | 'P4';
  /** Why, for the human who reads it. */
  readonly reason: string;
}

/** Something that serves others is gone, data is gone, or somebody is in who should not be. */
const DOWN =
  /\b((production|prod|live|entire|whole|all (of )?our|our) (\w+ ){0,3}(is|are|has been|went|gone|seems|appears) (\w+ ){0,2}(down|offline|unreachable|dead|unavailable)|complete(ly)? (down|outage)|total outage|outage|everything is down|data (loss|is gone|was deleted|disappeared)|lost (all )?(our|my) data|security (breach|incident)|breach(ed)?|hacked|ransomware|leaked (key|credential|token|password)s?|losing (money|orders|customers) (every|right now|by the))\b/i;
const BLOCKED =
  /\b(suspended|blocked|locked out|can(no|')?t (log|sign) ?in|charged (twice|double)|double charge|urgent(ly)?|asap|immediately|deadline|right now|today|critical|blocker|blocking us|all (requests|calls) fail|5\d\d errors?)\b/i;
const IDLE =
  /\b(feature request|would be (nice|great)|suggestion|feedback|curious|wondering|do you (offer|support|plan|have)|is there a way|roadmap|documentation|just (a question|asking)|opening hours|thank(s| you) for)\b/i;

/**
 * P1: production down, data lost, security breached. P2: somebody cannot work or money was taken wrongly, or the risk of
 * escalation is high. P4: questions, wishes, praise. P3: the rest.
 */
export function choosePriority(input: { text: string; intents: readonly string[]; sentiment: Sentiment }): Urgency {
  const { text, sentiment } = input;
  const said = DOWN.exec(text) ?? undefined;
  if (
    said &&
    !/\b(was|were|yesterday|last (week|month|night)|resolved|fixed|how (do|can|would)|what (if|happens))\b/i.test(
      sentenceAround(text, said.index),
    )
  )
    return { priority: 'P1', reason: `Says "${said[0].slice(0, 60)}"` };
  const blocked = BLOCKED.exec(text);
  if (blocked) return { priority: 'P2', reason: `Says "${blocked[0].slice(0, 60)}"` };
  if (sentiment.escalationRisk >= 0.8) return { priority: 'P2', reason: 'High risk of escalation' };
  if (IDLE.test(text) && sentiment.label !== 'negative') return { priority: 'P4', reason: 'A question or a wish' };
  return { priority: 'P3', reason: 'Nothing urgent is said' };
}

/** The words around a finding, up to the ends of its sentence. */
function sentenceAround(text: string, at: number): string {
  const from = Math.max(text.lastIndexOf('.', at), text.lastIndexOf('!', at), text.lastIndexOf('\n', at)) + 1;
  const end = text.slice(at).search(/[.!?\n]/);
  return text.slice(from, end < 0 ? text.length : at + end);
}
