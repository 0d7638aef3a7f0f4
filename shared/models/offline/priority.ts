/** How urgent a ticket is, by rules that can be read: the first that applies decides, and says so. */
import type { IntentConfidence } from './intents.ts';
import { splitSentences } from './sentences.ts';
import type { Sentiment } from './sentiment.ts';

export type Priority = 'P1' | 'P2' | 'P3' | 'P4';

export interface PriorityChoice {
  priority: Priority;
  /** For the agent who reads the ticket. */
  reason: string;
}

export interface PriorityInput {
  text: string;
  intents: readonly IntentConfidence[];
  sentiment: Pick<Sentiment, 'label' | 'frustration' | 'churnRisk' | 'escalationRisk'>;
}

type Rule = readonly [pattern: RegExp, reason: string];

const MAX_LENGTH = 16_000;

// Every gap is bounded and stays inside a sentence, so that matching is linear in the length of the text.
const P1_RULES: readonly Rule[] = [
  [
    /\b(?:production|prod|site|website|service|services|platform|cluster|everything|apis?|systems?|servers?|checkout|shop|store|database|network|backend)\b[^.!?\n]{0,30}\b(?:(?:is|are|was|went|goes|been|being|has|completely|totally|entirely|again|all|now) ){1,4}(?:down|offline|unreachable|unavailable|dead)\b/,
    'A service in production is down',
  ],
  [
    /\b(?:production|prod|live (?:system|site|environment))\b[^.!?\n]{0,30}\b(?:down|outage|crash(?:ed|es|ing)?|broken|offline|unreachable|fail(?:ed|ing|s)|stopped)\b/,
    'Production is failing',
  ],
  [
    /\b(?:complete|total|full|major|massive|widespread|ongoing) (?:outage|blackout|downtime)\b/,
    'An outage is reported',
  ],
  [
    /\b(?:nothing|nobody|no one|none of our (?:customers|users))\b[^.!?\n]{0,20}\b(?:works?|loads?|responds?|can (?:reach|use|order|pay|check out|connect))\b/,
    'Nothing works for anybody',
  ],
  [
    /\b(?:lost|losing|loss of|delet(?:ed|es)|disappeared|vanished|gone|missing|wiped|corrupt(?:ed|s)?|erased)\b[^.!?\n]{0,25}\b(?:data|records?|rows?|databases?|tables?|backups?)\b/,
    'Data may be lost',
  ],
  [
    /\b(?:data|records?|rows?|databases?|tables?|backups?)\b[^.!?\n]{0,40}\b(?:lost|disappeared|vanished|gone|wiped|corrupt(?:ed)?|erased|deleted)\b|\bdata loss\b/,
    'Data may be lost',
  ],
  [
    /\b(?:hacked|breach(?:ed)?|compromised|ransomware|data leak|leaked|(?:got|broke|broken|break) into|unauthori[sz]ed access|intruder|(?:another|other) (?:tenant|customer|company|user)(?:'?s)? (?:data|records|files|orders|invoices|name)|stolen (?:keys?|tokens?|credentials))\b/,
    'Signs of a security breach',
  ],
];

const P2_RULES: readonly Rule[] = [
  [
    /\b(?:suspended|unsuspend|frozen|froze|banned|disabled|blocked|deactivated)\b/,
    'The customer is suspended or blocked',
  ],
  [
    /\b(?:locked out|lost access|no access|(?:cannot|can't|can not|unable to|nobody can) (?:log|sign|get|access)[ -]?(?:in|into)?)\b/,
    'The customer is locked out',
  ],
  [
    /\b(?:charged|billed|paid|debited|payed) (?:me |us |my card |our card )?(?:twice|two times|double|again)|\bdouble (?:charge|payment|billing)|\bduplicate (?:charge|payment)|\bcharged after\b|\bstill charg/,
    'Charged wrongly',
  ],
  [
    /\b(?:urgent(?:ly)?|asap|immediately|emergency|critical|right now|as soon as possible|deadline)\b/,
    'The customer says that it is urgent',
  ],
  [
    /\b(?:all|every|many|most|half) (?:of )?(?:our |the |my )?(?:users|customers|requests|offices|nodes|teams?)\b/,
    'Many people are affected',
  ],
  [
    /\b(?:error|status|http|returns?|returning|gives?|got|a)\b[^.!?\n]{0,20}\b50[0234]\b|\b50[0234]s?\b[^.!?\n]{0,20}\b(?:errors?|bad gateway|everywhere|service|gateway|internal)\b/,
    'Server errors are reported',
  ],
  [
    /\b(?:deploy(?:ment)?s?|pipeline|builds?|webhooks?|backups?)\b[^.!?\n]{0,30}\b(?:fail(?:s|ed|ing)?|stuck|stopped|broken)\b/,
    'A deployment or delivery fails',
  ],
];

/** A question about what would happen is no incident. */
const HYPOTHETICAL =
  /\b(?:what (?:happens|would happen|if)|in case|how (?:do|does|would|can) (?:you|we|i)[^.!?\n]{0,40}\bif|is there (?:an?|any) (?:outage|breach)|plan for|prevent|protect against|policy)\b/;
/** It was, and is no longer. */
const OVER =
  /\b(?:is|are|was|works?|working|got|been|everything|now|all) (?:\w{1,12} )?(?:resolved|solved|fixed|back up|back online|fine now|fine again|recovered)\b/;
const ASKS_OR_TELLS =
  /\?\s*$|^(?:how|what|where|when|which|who|is there|do you|can i|could you tell|thanks?|thank you|feature request|suggestion|feedback|idea)\b/;
const GOES_WRONG =
  /\b(?:fail\w{0,6}|errors?|broken?|crash\w{0,4}|wrong|bug|missing|lost|cannot|can't|unable|stuck|refund|charged|declined|doesn't|isn't|not working|slow|stopped)\b/;

function firstMatch(text: string, rules: readonly Rule[]): string | undefined {
  return rules.find(([pattern]) => pattern.test(text))?.[1];
}

/** The parts of a sentence that tell of something that goes on: what a later part calls solved has ended. */
function happening(sentence: string): string[] {
  const parts = sentence.split(/ but | however /);
  const lastOver = parts.findLastIndex((part) => OVER.test(part));
  return parts.slice(lastOver + 1).filter((part) => !HYPOTHETICAL.test(part));
}

/**
 * Chooses P1 (production down, data lost, security breach) to P4 (questions, feedback) and says why.
 * Only the first 16,000 characters are read.
 */
export function choosePriority({ text, intents, sentiment }: PriorityInput): PriorityChoice {
  const lower = text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/[^\S\n]+/g, ' ')
    .trim();
  const confident = intents.filter(({ confidence }) => confidence >= 0.5).map(({ intent }) => intent);
  const incidents = splitSentences(lower)
    .flatMap(({ text: sentence }) => happening(sentence))
    .join('\n');

  const critical = firstMatch(incidents, P1_RULES);
  if (critical) return { priority: 'P1', reason: critical };

  const severe = firstMatch(incidents, P2_RULES);
  if (severe) return { priority: 'P2', reason: severe };
  if (sentiment.escalationRisk >= 0.7) return { priority: 'P2', reason: 'The customer threatens to escalate' };
  if (sentiment.churnRisk >= 0.8) return { priority: 'P2', reason: 'The customer is about to leave' };
  if (sentiment.frustration >= 0.85) return { priority: 'P2', reason: 'The customer is very frustrated' };

  const onlyGeneral = confident.length > 0 && confident.every((intent) => intent === 'general');
  if (onlyGeneral && sentiment.label !== 'negative')
    return { priority: 'P4', reason: 'A general question or feedback' };
  if (ASKS_OR_TELLS.test(lower) && !GOES_WRONG.test(lower) && sentiment.label !== 'negative')
    return { priority: 'P4', reason: 'A question, nothing is failing' };
  return { priority: 'P3', reason: 'No sign of an emergency' };
}
