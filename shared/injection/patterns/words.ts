/**
 * What attempts to steer an agent look like, by family. Weights are how sure one match makes; families add up. Gaps
 * between words are bounded, so that time stays linear.
 */
export type Family =
  | 'role override'
  | 'prompt extraction'
  | 'request for a secret'
  | "request for somebody's data"
  | 'tool or command'
  | 'exfiltration'
  | 'text addressed to the agent'
  | 'chat template or mode switch'
  | 'persona without rules'
  | 'another language'
  | 'payload in pieces';

export interface Pattern {
  readonly family: Family;
  /** 0..1 */
  readonly weight: number;
  readonly pattern: RegExp;
}

/** One of the words, which are separated by bars. */
export const any = (words: string) =>
  `(?:${words
    .trim()
    .split(/\s*\|\s*/)
    .join('|')})`;
/** Up to `n` words between two parts. */
export const upTo = (n: number) =>
  `(?:[^\\p{L}\\p{N}.!?\\n]{1,3}[\\p{L}\\p{N}'-]{1,24}){0,${n}}[^\\p{L}\\p{N}.!?\\n]{1,3}`;
/** A pattern that begins where a word does; case does not matter. */
export const p = (family: Family, weight: number, source: string): Pattern => ({
  family,
  weight,
  pattern: new RegExp(`(?<![\\p{L}\\p{N}])${source}`, 'iu'),
});

export const IGNORE = any(
  "ignor(?:e|ing)|disregard(?:ing)?|forget|overlook|neglect|override|bypass|discard|abandon|drop|set aside|pay no attention to|stop (?:following|obeying)|(?:do not|don't) (?:follow|obey|listen to)|disobey|delete|erase|cancel|revoke|suspend",
);
export const ORDERS = any(
  'instructions?|directions?|directives?|guidelines?|rules|prompts?|orders|policy|policies|restrictions|constraints|context|programming|training|guard ?rails?|safeguards|system message',
);
export const EARLIER = any(
  "prior|previous|preceding|earlier|above|foregoing|initial|original|existing|your|you(?:'ve| have| were| had)|system|developers?|all(?: of)? (?:the|those|these)|any",
);
export const SECRET = any(
  'pass ?words?|pass ?phrases?|passcodes?|secret (?:keys?|codes?|words?|tokens?)|secrets?|api keys?|access (?:codes?|keys?|tokens?)|credentials|private keys?|master keys?|confidential (?:string|token|key|code)|tokens?|connection strings?|environment variables',
);
export const ASK = any(
  "what(?:'s| is| was| are)|tell (?:me|us)|give (?:me|us)|send (?:me|us)|show(?: me| us)?|share|reveal|confirm|disclose|hand over|provide|print|state|say|spell|write down|read (?:me|us)|leak|dump|whisper|expose|need|output|return",
);
export const THEIRS = any(
  'birth ?dates?|dates? of birth|birthdays?|(?:current )?(?:city|place|country) of residence|home address(?:es)?|(?:street|e-?mail|mail|postal)? ?address(?:es)?|(?:tele)?phone numbers?|(?:bank|account) balances?|initials|credit cards?|salar(?:y|ies)|social security(?: numbers?)?|location|whereabouts|full names?',
);
export const AGENT = any(
  'ai|a\\.i\\.|llm|ai (?:assistant|agent|model|system|reviewer|recruiter)s?|assistants?|chat ?bots?|bots?|language models?|automated (?:agent|reader|system|assistant)s?|chatgpt|gpt|claude|gemini|copilot',
);
export const LIMITS = any(
  'rules|restrictions?|limits?|limitations|filters?|filtering|policy|policies|guidelines|morals|ethics|censorship|constraints|boundaries',
);
