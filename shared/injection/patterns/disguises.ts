/** Forged turns of a chat, modes that do not exist, and orders cut in pieces. */
import { type Pattern, p } from './words.ts';

export const DISGUISE_PATTERNS: readonly Pattern[] = [
  p(
    'chat template or mode switch',
    0.9,
    `<\\|(?:im_start|im_end|endoftext|system|user|assistant|eot_id|start_header_id|begin_of_text)\\|>|\\[\\/?INST\\]|<<\\/?SYS>>|<(?:start|end)_of_turn>`,
  ),
  p(
    'chat template or mode switch',
    0.65,
    `<[/\\\\]?\\s?(?:system|admin|developer|god|sudo)(?:[ _-](?:mode|prompt|message|override|instructions?|on))?[ \\w]{0,12}>`,
  ),
  p('chat template or mode switch', 0.65, `"role"\\s{0,2}:\\s{0,2}"(?:system|developer)"`),
  p('chat template or mode switch', 0.6, `#{2,4} ?(?:system|instructions?|assistant|new instructions?) ?[:#]`),
  p(
    'chat template or mode switch',
    0.55,
    `(?:end of|end|begin|begin of) (?:the )?(?:user (?:input|message)|document|ticket|prompt|new instructions|admin override|system (?:message|prompt))(?:\\W{1,10})(?:new|system|begin|the following|send|human|assistant|disable)`,
  ),
  p(
    'chat template or mode switch',
    0.65,
    `(?:enter(?:ing)?|activat(?:e|ing|ed)|enabl(?:e|ed|ing)|switch(?:ing)?(?: you)? (?:in)?to|initiat(?:e|ing)|running|now in|you are (?:now )?in)(?: [^\\s.]{1,20}){0,4}? ['"]?(?:developer|debug|maintenance|god|admin|root|sudo|diagnostics?|override|system|jailbreak|unrestricted|verification|law enforcement override|dan|check)['"]? (?:mode|upgrade|check)['"]?(?=[\\s.,;:'"!?]|$)[^\\n]{0,80}(?:password|key|secret|confirm|list|rules|print|state|where|what|can you|give|tell|explain|discuss)`,
  ),
  p(
    'chat template or mode switch',
    0.65,
    `(?:god|override|jailbreak|dan|sudo|law enforcement)[ _-]mode(?![\\p{L}])|(?-i:SYSTEM (?:OVERRIDE|MODE)|SYSTEM_MODE|OVERRIDE (?:MODE|CODE)|DATA OVERRIDE|ADMIN (?:OVERRIDE|MESSAGE)|SYSTEM NOTICE\\])|system mode (?:activated|on|enabled)|override_mode|system override (?:confirmed|activated|code)`,
  ),
  p(
    'chat template or mode switch',
    0.5,
    `(?:^|\\n)\\s{0,4}(?:system|developer)\\s{0,2}:\\s{0,2}(?:you|the (?:customer|user)|approve|ignore|all|grant|reveal)`,
  ),
  p(
    'payload in pieces',
    0.65,
    `(?:combine|join|merge|concatenate|interlace|put together|following parts|these (?:parts|fragments|pieces))[^\\n]{0,60}["'][^\\n]{0,200}(?:answer|respond|execute|follow|do|question|output|password|2 ?[:=]|two)`,
  ),
  p(
    'payload in pieces',
    0.65,
    `(?:part|string|fragment|piece) ?(?:1|one|a)\\b ?(?:is|:|=)[^\\n]{1,160}(?:part|string|fragment|piece) ?(?:2|two|b)\\b ?(?:is|:|=)`,
  ),
  p(
    'payload in pieces',
    0.6,
    `[a-z] ?(?:=|is) ?["'][^\\n"']{1,120}["'][^\\n]{0,40}?[a-z] ?(?:=|is) ?["'][^\\n]{1,200}?(?:[a-z] ?\\+ ?[a-z]|combine|answer)`,
  ),
  p(
    'payload in pieces',
    0.6,
    `(?:decode|decipher|decrypt|reverse|unscramble)(?: [\\p{L}0-9-]{1,16}){1,9}? (?:and|then) (?:tell|do|follow|execute|obey|answer|reply|respond|say|run)`,
  ),
  p(
    'payload in pieces',
    0.45,
    `(?:in|into|as|with|to|using) (?:base ?64|rot ?13|hex|morse|pig latin|reverse order|leetspeak)(?![\\p{L}])[^\\n]{0,40}(?:split|interlace|pieces|parts|password|secret|so that nobody)|(?:split|encode)[^.\\n]{0,40}(?:part|half|piece|response)[^.\\n]{0,40}(?:base ?64|interlace|separately|character level)`,
  ),
];
