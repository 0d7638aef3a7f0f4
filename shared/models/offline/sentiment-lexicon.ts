/** Words and phrases that carry a customer's mood, weighted -4 (furious) to 4 (delighted) as VADER's scale does. */

function weigh(lists: Record<string, string>): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [weight, words] of Object.entries(lists))
    for (const word of words.split(' ')) weights.set(word, Number(weight));
  return weights;
}

/** Lower-case words. What went wrong is mildly negative; how the customer feels about it weighs more. */
export const WORD_WEIGHTS: ReadonlyMap<string, number> = weigh({
  '3.2':
    'love loved adore outstanding superb phenomenal flawless fantastic amazing awesome brilliant excellent perfect perfectly delighted thrilled wonderful incredible best stellar',
  '2.2':
    'great happy pleased impressed impressive enjoy enjoyed lovely grateful terrific smooth kudos stunning joy recommend satisfied super reliable glad praise',
  '1.4':
    'good nice thanks thank thx helpful appreciate appreciated solved fixed resolved works easy fast quick quickly friendly clear better improved useful solid cheers well kind convenient intuitive welcome patient polite courteous',
  '0.6': 'fine ok okay please hope like likes interesting interested cool fair sweet',
  '-0.6':
    'issue issues problem problems slow slower wrong missing late delay delayed confusing unclear error errors bug bugs fail fails failed failing failure lost stuck cannot timeout timeouts unable broken crash crashes crashed crashing declined denied rejected difficult hard waiting duplicate unexpected unfortunately incorrect down outage sorry expensive locked suspended blocked complain complaint complicated',
  '-1.6':
    'bad poor poorly annoying annoyed disappointed disappointing disappointment unhappy frustrated frustrating unreliable unstable painful upset sad worried useless lousy mess messy ridiculous nonsense careless rude ignored ignoring unhelpful tired clueless unprofessional unfair lame sluggish buggy shoddy dissatisfied fed overcharged mislead misleading misled joke worse shame inexcusable incompetent sloppy nightmare hassle neglected shady refuse refused',
  '-2.8':
    'terrible horrible awful worst hate hated furious angry outrageous outrageously outraged disgusting disgusted disgrace disgraceful unacceptable pathetic garbage trash crap crappy sucks suck scam scammers fraud fraudulent theft thieves stealing steal robbed ripoff infuriating livid appalling appalled abysmal atrocious hell damn idiots idiotic stupid insane unbelievable shameful shit bullshit fuck fucking wtf horrendous dreadful unusable catastrophe catastrophic disaster liars lied lying insulting insult enraged',
});

/** Lower-case phrases, matched on word boundaries. */
export const PHRASE_WEIGHTS: readonly (readonly [phrase: string, weight: number])[] = [
  ['fed up', -3],
  ['sick of', -3],
  ['sick and tired', -3.2],
  ['waste of time', -3],
  ['waste of money', -3.2],
  ['last straw', -3.2],
  ['had enough', -2.6],
  ['never again', -2.8],
  ['rip off', -3],
  ['rip-off', -3],
  ['nobody answers', -2.4],
  ['no one answers', -2.4],
  ['nobody replies', -2.4],
  ['nobody has replied', -2],
  ['no response', -1.8],
  ['no reply', -1.8],
  ['no answer', -1.6],
  ['still waiting', -1.8],
  ['still not', -1.4],
  ['third time', -2],
  ['second time', -1.2],
  ['how many times', -2.2],
  ['over and over', -1.8],
  ['not good enough', -2.4],
  ['what a joke', -2.8],
  ['give up', -1.8],
  ['given up', -2],
  ['losing customers', -2.2],
  ['losing money', -2.2],
  ['lost hours', -1.8],
  ['lost trust', -2.6],
  ['let down', -2],
  ['beyond belief', -2.6],
  ["doesn't work", -1.2],
  ['does not work', -1.2],
  ['not working', -1.2],
  ['money back', -1.4],
  ['kind of you', 1.6],
  ['well done', 2.4],
  ['keep up', 1.8],
  ['keep it up', 2],
  ['works like a charm', 2.8],
  ['five stars', 2.8],
  ['thumbs up', 2.2],
  ['life saver', 2.8],
  ['lifesaver', 2.8],
  ['no complaints', 2],
  ['no problem', 0.8],
  ['no issues', 1],
  ['thanks for nothing', -3.4],
  ['could be better', -1],
  ['happy to help', 0.4],
];

export const NEGATIONS: ReadonlySet<string> = new Set(
  "not no never none neither nor without hardly barely isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't haven't hasn't hadn't ain't isnt arent wasnt dont doesnt didnt wont cant couldnt".split(
    ' ',
  ),
);

/** Factors on the next word that carries weight. */
export const INTENSIFIERS: ReadonlyMap<string, number> = new Map([
  ...'very really so extremely absolutely totally completely utterly incredibly truly highly deeply beyond super insanely'
    .split(' ')
    .map((word) => [word, 1.4] as const),
  ...'too quite pretty such more most'.split(' ').map((word) => [word, 1.15] as const),
  ...'slightly somewhat little bit fairly rather kinda mildly almost'.split(' ').map((word) => [word, 0.6] as const),
]);

/** What a customer says who thinks of leaving: pattern and risk 0..1. */
export const CHURN_SIGNS: readonly (readonly [pattern: RegExp, risk: number])[] = [
  [
    /\b(?:cancel(?:l?ing)?|terminat(?:e|ing)|end(?:ing)?) (?:my|our|the|this) (?:\w{1,20} )?(?:subscription|contract|plan|account|membership|service)\b/,
    0.75,
  ],
  [/\b(?:close|closing|delete|deleting) (?:my|our|the) (?:\w{1,20} )?(?:account|workspace|organi[sz]ation)\b/, 0.6],
  [
    /\b(?:switch(?:ing)?|mov(?:e|ing)|migrat(?:e|ing)|go(?:ing)?) (?:over )?(?:to|away to) (?:a |an |your |another |some )?(?:\w{1,20} )?(?:competitor|competition|alternative|provider|vendor|rival)s?\b/,
    0.9,
  ],
  [
    /\b(?:leav(?:e|ing)|ditch(?:ing)?|abandon(?:ing)?|drop(?:ping)?|quit(?:ting)?) (?:you|your (?:platform|service|product|company))\b/,
    0.9,
  ],
  [/\b(?:move|moving|migrate|migrating|switch|switching) (?:everything |all \w{1,20} )?(?:away|elsewhere)\b/, 0.85],
  [
    /\b(?:look(?:ing)?|search(?:ing)?|shop(?:ping)?) (?:for|at|around for) (?:an? )?(?:other |another )?(?:alternative|competitor|provider|replacement)s?\b/,
    0.8,
  ],
  [/\b(?:not|n't|never) (?:be )?(?:renew|renewing|coming back|come back|recommend|continue|stay)\b/, 0.75],
  [/\btak(?:e|ing) (?:my|our) business elsewhere\b/, 0.95],
  [
    /\b(?:we are|we're|i am|i'm|am|are) (?:leaving|done|out|gone|through) (?:with|if|unless|for good|tomorrow|today)\b/,
    0.85,
  ],
  [/\b(?:competitor|competitors|alternatives)\b/, 0.35],
  [/\b(?:cancel|cancellation|cancelled|unsubscribe|churn)\b/, 0.35],
  [/\b(?:refund|money back)\b/, 0.2],
];

/** What a customer says who takes it further: lawyers, regulators, the public, the boss. */
export const ESCALATION_SIGNS: readonly (readonly [pattern: RegExp, risk: number])[] = [
  [
    /\b(?:lawyers?|attorneys?|solicitors?|legal (?:action|team|department|steps|counsel)|lawsuit|litigation|sue you|sue your|suing|take you to court|small claims|in court)\b/,
    0.95,
  ],
  [
    /\b(?:regulator|ombudsman|consumer protection|trading standards|data protection authority|better business bureau|bbb|police|file a complaint|formal complaint)\b/,
    0.85,
  ],
  [
    /\b(?:journalists?|go(?:ing)? public|trustpilot|bad review|one star|social media|(?:post|tweet|write) (?:this|about (?:this|it|you)))\b/,
    0.7,
  ],
  [/\b(?:chargeback|charge back|dispute (?:this|the|it)|reverse the charge)\b/, 0.65],
  [
    /\b(?:speak|talk|escalate|escalated|escalating|put me through|connect me) (?:this )?(?:to|with) (?:a |an |your |the )?(?:\w{1,20} )?(?:manager|supervisor|boss|ceo|director|management|superior)\b/,
    0.75,
  ],
  [/\b(?:escalate|escalation|your ceo|your manager|compensation|sla breach|breach of contract)\b/, 0.55],
  [/\b(?:unacceptable|outrageous|theft|fraud|scam|last (?:chance|warning)|final (?:notice|warning))\b/, 0.45],
];
