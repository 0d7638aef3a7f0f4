/** Calls of tools, ways out for data, and text that turns to the agent. */
import { AGENT, type Pattern, p, upTo } from './words.ts';

export const ACTION_PATTERNS: readonly Pattern[] = [
  p(
    'tool or command',
    0.45,
    `(?:call|run|execute|invoke|use|trigger) (?:the |your |my )?(?:[\\p{L}_]{2,30}[ _]){0,2}(?:tools?|functions?)(?= (?:with|for|to|on|now|delete|and|reset|update)|[.,\\s]{0,2}$| [a-z]+_[a-z]+)`,
  ),
  p(
    'tool or command',
    0.65,
    `<\\/?(?:tool_call|function_calls?|tool_use|invoke|tool)[ >]|\\bfunction_call ?[:=(]|\\bAction Input ?:`,
  ),
  p(
    'tool or command',
    0.65,
    `\\{\\s{0,3}"(?:tool|function|tool_name|action|name)"\\s{0,2}:\\s{0,2}"[\\w.-]{2,40}"\\s{0,2},[^{}]{0,60}"(?:arguments|args|parameters|input|approved|refund)"`,
  ),
  p('tool or command', 0.55, `approved ?[:=] ?(?:true|yes)|"approved"\\s{0,2}:\\s{0,2}true`),
  p(
    'tool or command',
    0.5,
    `(?:skip|without|bypass|avoid|no need (?:for|to))(?: [\\p{L}]{2,12}){0,3}? (?:approval|verification|human review|the review|checks|asking a human|audit entry|verify|check)(?![\\p{L}])`,
  ),
  p(
    'tool or command',
    0.45,
    `(?:execute|run|type) (?:the following|this)(?: [\\p{L}]{2,12}){0,2}:? (?:command|script|code|sql|rm|curl|sudo)`,
  ),
  p('tool or command', 0.55, `curl [^\\n]{1,200}\\| ?(?:ba|z)?sh\\b|rm -rf (?:\\/|~)(?:\\s|$)|;\\s{0,2}drop table`),
  p(
    'tool or command',
    0.5,
    `(?:remember|store|save|note|memori[sz]e)(?: [\\p{L}]{2,12}){0,5}? (?:for all future|from now on|in all future|to your (?:memory|knowledge)|in your (?:memory|knowledge))`,
  ),
  p(
    'exfiltration',
    0.75,
    `!\\[[^\\]\\n]{0,100}\\]\\(https?:\\/\\/[^)\\s]{0,300}[?&=/](?:[^)\\s]{0,100}=)?(?:\\{|%7b|\\$|<|secret|data|token|conversation)`,
  ),
  p(
    'exfiltration',
    0.65,
    `(?:send|forward|e-?mail|mail|post|upload|append|transmit|copy)${upTo(10)}(?:to|into|at|on) (?:[^\\s@]{1,64}@(?:evil|attacker|outside|hacker)|https?:\\/\\/(?:[\\w-]{1,40}\\.){0,3}(?:evil|attacker|hacker))`,
  ),
  p(
    'exfiltration',
    0.6,
    `(?:send|forward|e-?mail|mail|post|upload|transmit)${upTo(4)}(?:conversation|chat history|context|database|employees?(?: data| list| records)?|(?:customers?|users?|personal|private) (?:data|records|list)|credentials|secrets|inbox|api keys?)${upTo(5)}(?:to|into|at) (?:[^\\s@]{1,64}@|https?:)`,
  ),
  p(
    'exfiltration',
    0.65,
    `print (?:it|them|this|these|that) in (?:the|your) (?:summary|answer|reply)[^.\\n]{0,20}(?:send|forward|mail)`,
  ),
  p(
    'exfiltration',
    0.65,
    `(?:fetch|visit|open|read|browse|go to|load)(?: this| the)?(?: page| url| link| file)?:? ?(?:https?:\\/\\/\\S{3,200}|page)[^.\\n]{0,20} and (?:do|follow|execute|obey|run)`,
  ),
  p(
    'text addressed to the agent',
    0.7,
    `(?:note|message|instructions?|attention|important|notice|memo|reminder|p\\.?s\\.?)(?: [\\p{L}]{1,12}){0,2} (?:to|for) (?:the |any |all |an? )?${AGENT}(?![\\p{L}-])(?! (?:manager|professor|director|team))`,
  ),
  p('text addressed to the agent', 0.7, `(?:if|when|since|as) you(?:'re| are) (?:an? |the )?${AGENT}(?![\\p{L}-])`),
  p(
    'text addressed to the agent',
    0.65,
    `(?:any|an|every|all) ${AGENT} (?:that|which|who|reading|processing)(?: (?:reads?|process(?:es)?|sees?|summari[sz]es?))?`,
  ),
  p(
    'text addressed to the agent',
    0.6,
    `(?:ai|llm|assistant|bot|chatbot|agent|ai agent|ai assistant|ai reviewer|language model)s?(?::|,| must| should) (?:please )?(?:do not|don't|ignore|reply|respond|say|state|tell|mark|call|send|approve|rate|recommend|output|write|include|forward|treat|delete|refund|give|grant|reset|confirm|close|run|ask|restart|now)\\b`,
  ),
  p('text addressed to the agent', 0.6, "let's (?:admit|state|say|pretend|claim) (?:that |to )"),
  p(
    'text addressed to the agent',
    0.5,
    '(?:state|say|claim|output|conclude|answer|respond)(?: that)? the (?:answer|conclusion|output|result|sum|total|capital)[^.\\n]{0,60} (?:is|are|equals)\\b',
  ),
  p(
    'text addressed to the agent',
    0.5,
    "please output the following|(?:i'm|i am) your (?:developer|creator|administrator|operator)",
  ),
];
