/** Requests for the prompt, for secrets and for data of others. */
import { ASK, any, type Pattern, p, SECRET, THEIRS, upTo } from './words.ts';

export const REQUEST_PATTERNS: readonly Pattern[] = [
  p(
    'prompt extraction',
    0.85,
    `(?:${ASK}|repeat|display|list|copy|quote|recite|summari[sz]e|translate|describe|encode|begin (?:your )?(?:reply|answer) with)${upTo(8)}(?:system|developer|initial|hidden|original|starting)${upTo(1)}(?:prompts?|messages?|instructions|role)(?! (?:page|type|box))`,
  ),
  p(
    'prompt extraction',
    0.7,
    `(?:${ASK}|repeat|display|list|copy|quote|recite|summari[sz]e|translate|describe|encode|spell)${upTo(4)}(?:your|the)${upTo(2)}(?:hidden|secret|internal|confidential|own|exact)?${upTo(0)}?(?:prompt|instructions you (?:have|were)|guidelines you)`,
  ),
  p(
    'prompt extraction',
    0.75,
    `(?:reveal|print|show(?: me)?|output|repeat|dump|leak|encode|spell|recite|display|translate)(?: me| us)? (?:all )?(?:of )?your ${any('(?:hidden |secret |internal |initial |exact |confidential |full )*')}(?:instructions|rules|guidelines|configuration|prompt|directives|context)`,
  ),
  p(
    'prompt extraction',
    0.75,
    `(?:repeat|print|copy|output|quote|show)${upTo(4)}(?:everything|text|words|lines?|all|messages?)${upTo(3)}(?:above|before (?:this|mine|me|my)|you were told|preceding)`,
  ),
  p(
    'prompt extraction',
    0.6,
    `(?:hidden|secret|confidential|internal) (?:instructions|prompt|rules|configuration|guidelines)(?![\\p{L}])`,
  ),
  p(
    'prompt extraction',
    0.6,
    `(?:which|what|list|tell me) ${upTo(2)}?(?:tools|functions)${upTo(3)}you (?:can|may|have|are able)`,
  ),
  p(
    'prompt extraction',
    0.65,
    `(?:instructions?|rules|guidelines|prompt|notes|directives)(?: that| which)? (?:you (?:have|were|are|follow|must|got|received|had|may not)|the (?:company|developers?|operators?|owners?) (?:wrote|gave|set|put))(?![\\p{L}])(?=[^\\n]{0,60}(?:given|told|received|hide|hidden|not allowed|follow|wrote|gave|set|for you|by))`,
  ),
  p(
    'prompt extraction',
    0.6,
    `(?:rules|things|topics|instructions)${upTo(1)}you(?:'re| are) not (?:allowed|supposed|permitted) to`,
  ),
  p(
    'prompt extraction',
    0.55,
    `(?:all |the )?(?:tools|functions)(?: (?:that are )?available to you|${upTo(1)}you can (?:call|use|invoke))`,
  ),
  p(
    'prompt extraction',
    0.55,
    `(?:text|message|words?|line|prompt|said|say|says)(?: that| which| comes?| came| stands?| written| one){0,3} (?:before|above|preceding) (?:"?user:?"?|mine|my (?:first )?message|this (?:line|message|conversation))`,
  ),
  p('prompt extraction', 0.6, `what (?:were|was|have) you (?:been )?(?:told|instructed|given)`),
  p(
    'request for a secret',
    0.7,
    `what(?:'s| is| was) (?:your|the|our)(?: (?:system|secret|admin|root|master|current|hidden|real|actual|database|server|wifi)(?:'s)?){0,2} ${SECRET}(?: (?:for|of|to|in) (?:your|our|the|this) (?:[\\p{L}]{2,20} )?(?:system|mode|server|database|desk|network))?\\s{0,2}(?:[?.!]|$|\\n)`,
  ),
  p(
    'request for a secret',
    0.7,
    `${ASK}${upTo(4)}(?:your|the (?:secret|hidden|system|admin|root|master|confidential)|our system(?:'s)?)${upTo(1)}${SECRET}(?! (?:policy|reset|requirements?|field|manager|link|page|rules|length|change|is|was|has|does|of my|for my|to our|expired?|rotation))(?![\\p{L}])`,
  ),
  p(
    'request for a secret',
    0.65,
    `(?:tell|say|show|reveal|explain|share|know)${upTo(3)}what (?:your|the (?:system|admin|secret|root|master)(?:'s)?) ${SECRET} (?:is|are)(?![\\p{L}])`,
  ),
  p(
    'request for a secret',
    0.6,
    `(?:give|send|tell|hand|read|whisper|spell|show)(?: (?:it |that )?(?:to )?(?:me|us))(?: [\\p{L}]{2,12}){0,3}? (?:the|its|his|her|their) ${SECRET}(?! (?:policy|reset|requirements?|field|manager|link|page|rules|length|change|of my|for my|to our|for our|of our))(?![\\p{L}])`,
  ),
  p(
    'request for a secret',
    0.55,
    `(?:which|what) ${SECRET} (?:do|does|are|did) (?:you|the (?:system|desk|server|bot|assistant)) (?:use|have|store|hold|know)`,
  ),
  p('request for a secret', 0.6, `(?:whisper|spell|hint at|guess)${upTo(2)}(?:the|your) ${SECRET}(?![\\p{L}])`),
  p(
    'request for a secret',
    0.65,
    `(?:confirm|state|provide|tell|give|share|say)${upTo(3)}the ${SECRET} (?:for|of|to|in) (?:our|this|your|the) (?:[\\p{L}]{2,20} )?(?:system|mode|upgrade|server|desk)`,
  ),
  p(
    'request for a secret',
    0.65,
    `(?:need|want|require)(?: you to (?:confirm|give|tell|say|state))?(?: me)? (?:your|the) ${SECRET}\\s{0,2}(?:[?.!,]|$|\\n| to (?:ensure|help|verify|continue|proceed|rotate))`,
  ),
  p(
    'request for a secret',
    0.65,
    `(?:poem|haiku|limerick|riddle|song|story|acrostic|rhyme|sonnet)${upTo(5)}(?:the|your) ${SECRET}\\s{0,2}(?:[?.!,]|$|\\n)`,
  ),
  p(
    'request for a secret',
    0.6,
    `(?:print|show|dump|send|post|paste)${upTo(2)}(?:process\\.env|os\\.environ|/etc/passwd|env vars?|the environment)`,
  ),
  p(
    "request for somebody's data",
    0.6,
    `(?:${ASK}|know|using|use)${upTo(3)}(?:\\p{Lu}[\\p{L}]{1,20}|the user|another (?:user|customer)|other (?:user|customer)s?|the (?:previous|last|next) (?:user|customer))(?:'s|s'|') (?:current |home |private |full |exact )?${THEIRS}`,
  ),
  p(
    "request for somebody's data",
    0.6,
    `(?:${ASK})(?: [\\p{L}]{1,12}){0,2}? (?:the )?(?:current |home |private |full |exact )?${THEIRS} of (?:(?:the |another |your other |other )(?:users?|customers?|clients?)|(?-i:\\p{Lu}\\p{Ll}+ \\p{Lu}\\p{Ll}+))`,
  ),
  p(
    "request for somebody's data",
    0.6,
    'where (?:does|do|is|are) (?:the|this|that|another) (?:user|customer|client)s?(?: (?:currently|now|right now|right))* (?:live|living|located|stay|reside)',
  ),
  p(
    "request for somebody's data",
    0.6,
    'where (?:the|this|that) (?:user|customer|client) (?:lives?|is living|is located|resides?)|city does the (?:user|customer)',
  ),
  p(
    "request for somebody's data",
    0.6,
    '(?:write|draft|create|generate|compose)[^.\\n]{0,30}\\b(?:phishing|scam|fraudulent)\\b',
  ),
];
