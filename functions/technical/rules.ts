import type { Priority } from '../../shared/domain/vocabulary.ts';
import { type Examination, firstFit, human } from '../../shared/specialists/opinion.ts';

/** Reports of trouble that no article settles: people look at it. */
const TROUBLE = {
  outage:
    /\b(everything is down|(is|are|was|were|went) (down|offline|unreachable|unusable)\b(?! (for|when|if))|unreachable|outages?|(answers?|answered|with|a|returns?) (an? )?(http )?50[0-3]|not been delivered at all)\b/i,
  dataLoss:
    /\b(data ?loss|(tables?|data|rows|files|database|backups?)\b[^?!]{0,60}\b(empty|gone|missing|lost|corrupt\w*|disappeared|vanished))\b/i,
  security:
    /\b(vulnerabilit\w+|xss|pen(etration)?[- ]?test\w*|security (hole|issue|incident|report)|data breach|(data|logs?|files) of (a company|another|other|someone))\b/i,
  defect:
    /\b((looks?|seems?) like a bug|is (this|that|it) a bug|please fix|since (your|the) (last )?(maintenance|update|release)|does nothing when|nothing happens when|(by themselves|by itself|randomly))\b/i,
  engineer:
    /\b((have|ask|get) (an|one of your) (engineer|expert|technician)s?|one of you\b|(look|check) (at|on|into)? ?(the|your) (host|side|end|server|load balancer))\b/i,
} as const;

const REASONS: { readonly [N in keyof typeof TROUBLE]: string } = {
  outage: 'Something is down: people look at it at once',
  dataLoss: 'Data may be lost',
  security: 'A report about security is read by people',
  defect: 'This may be a defect of ours',
  engineer: 'The customer asks for an engineer',
};

/** A production that is down is a human's matter, whatever the articles say. */
const OUTAGE: Priority = 'P1';

/** Whether an article may answer, or people have to look. */
export function examine(text: string, priority: Priority): Examination {
  const trouble = priority === OUTAGE ? 'outage' : firstFit(TROUBLE, text);
  return trouble ? human(REASONS[trouble]) : { kind: 'article', otherwise: 'No article answers this' };
}
