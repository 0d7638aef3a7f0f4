/** Orders to drop the rules, and roles that have none. */
import { EARLIER, IGNORE, LIMITS, ORDERS, type Pattern, p, upTo } from './words.ts';

export const ORDER_PATTERNS: readonly Pattern[] = [
  p('role override', 0.85, `${IGNORE}${upTo(4)}${EARLIER}${upTo(4)}${ORDERS}(?![\\p{L}])`),
  p(
    'role override',
    0.85,
    `${IGNORE} (?:about )?(?:all|everything|anything|whatever|every ?thing|all that|all those)${upTo(4)}(?:above|before|previously|earlier|prior|told|instructed|taught|learned|been given|rules)`,
  ),
  p(
    'role override',
    0.75,
    `(?:ignore|disregard|forget) (?:all |any |about )*(?:of )?(?:the |all )?(?:above|previous|preceding)(?: text| directions| content| message)?(?:,| and| then) `,
  ),
  p(
    'role override',
    0.7,
    `(?:ignore|disregard|forget|skip) (?:the|this|that|all) [\\p{L} ]{2,30}?,? (?:and|then|just|instead)(?: just| instead)? (?:state|say|write|output|reply|answer|print|tell|claim|respond|give|repeat|conclude)\\b`,
  ),
  p('role override', 0.85, `forget${upTo(5)}(?:rules|instructions|guidelines|policies)`),
  p(
    'role override',
    0.7,
    `(?:your|all|the|these|those)${upTo(3)}${ORDERS}${upTo(4)}(?:void|cancel+ed|suspended|revoked|updated|replaced|obsolete|no longer (?:apply|count|valid)|do(?:es)? not apply)`,
  ),
  p(
    'role override',
    0.6,
    `(?:new|updated|real|actual|correct) (?:system )?(?:instructions?|task|directives?|rules|orders|prompt)(?: (?:follow|are|is|begin|starts?|one)\\b|\\s{0,2}:| -)`,
  ),
  p(
    'role override',
    0.55,
    "(?:from now on|henceforth|from this (?:moment|point)(?: on)?)[, ]{1,2}(?:on )?(?:you(?:'re| are| will| must| only| answer| work| obey| speak| act| reply)|act|speak|respond|behave|your only|answer)",
  ),
  p(
    'role override',
    0.6,
    `(?:you )?no longer (?:have|need|bound|required|obliged)${upTo(2)}(?:to )?(?:comply|follow|obey|adhere)`,
  ),
  p(
    'role override',
    0.6,
    `(?:do|say) the (?:exact )?opposite of (?:what )?(?:your|the) (?:system )?(?:prompt|instructions|rules)`,
  ),
  p(
    'role override',
    0.6,
    `(?:turn off|disable|switch off|deactivate) (?:all |your |the )*(?:moderation|safety|content filters?|safeguards|guard ?rails)`,
  ),
  p(
    'persona without rules',
    0.8,
    `(?-i:DAN)(?![\\p{L}])(?= |,|\\.)[^\\n]{0,80}(?:can|now|anything|rules|mode)|do anything now`,
  ),
  p(
    'persona without rules',
    0.65,
    `jailbroken|(?:enable|activate|with|a) jailbreak(?! of| detection)|freed? from the (?:typical |usual )?(?:confines|limits|restrictions)`,
  ),
  p(
    'persona without rules',
    0.75,
    `(?:act|behave|respond|speak|pretend|answer|work|simulate|imagine|suppose|hypothetically|you(?:'re| are| had| have))[^.\\n]{0,70}?(?:without|no|free of|has no|have no|lacks?)(?: any| all)? (?:content |moral |safety )?${LIMITS}`,
  ),
  p(
    'persona without rules',
    0.7,
    "you(?:'re| are)(?: now| about to become| going to be)?(?: an?| the)? (?:unrestricted|unfiltered|uncensored|jailbroken|evil|rogue|amoral)",
  ),
  p(
    'persona without rules',
    0.5,
    "(?:i am|i'm) (?:god|your (?:creator|developer|administrator|boss|supervisor|master|owner))(?![\\p{L}])|as your (?:creator|developer|boss|supervisor|administrator|master)|as an (?:ai )?(?:employee|developer|engineer) (?:of|at|by) (?:openai|anthropic|google)|developed by (?:openai|anthropic|google)",
  ),
  p(
    'persona without rules',
    0.5,
    '(?:imagine|suppose|pretend)[^.\\n]{0,60}(?:system |your )?developer[^\\n]{0,60}(?:password|secret|key)',
  ),
  p('persona without rules', 0.5, '(?:personal|private) data[^\\n]{0,60}(?:tell me|give me|what is)'),
];
