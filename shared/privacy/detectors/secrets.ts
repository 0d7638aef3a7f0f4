/** Keys, tokens and passwords. Each form begins where its own characters do, so that a long run is read once. */
import type { Add } from '../kinds.ts';

const token = (source: string) => new RegExp(`(?<![A-Za-z0-9_-])(?:${source})`, 'g');

/** Prefixes that services give their secrets so that they can be found (https://docs.github.com/en/code-security/secret-scanning). */
const TOKENS: readonly RegExp[] = [
  token('(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])'), // AWS access key id
  token('ABSK[A-Za-z0-9+/]{109,269}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{20,400}'), // Bedrock
  token('AIza[A-Za-z0-9_-]{35}'), // Google API key
  token('ya29\\.[A-Za-z0-9_-]{20,2048}|GOCSPX-[A-Za-z0-9_-]{20,40}|GOOG1[A-Z0-9]{40,70}|1//0[A-Za-z0-9_-]{30,200}'),
  token('[A-Za-z0-9~._]{3}[78]Q~[A-Za-z0-9~._-]{30,40}'), // Entra client secret
  token('gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}'),
  token('gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_.-]{20,255}'),
  token('xox[abceoprs]-[A-Za-z0-9-]{10,255}|xapp-\\d-[A-Za-z0-9-]{10,255}|xwfp-[A-Za-z0-9-]{10,255}'), // Slack
  token('(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}|whsec_[A-Za-z0-9+/=_-]{16,128}'), // Stripe
  token('SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}'), // SendGrid
  token('npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,255}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}'),
  token('sk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{20,255}|hf_[A-Za-z0-9]{30,64}|gsk_[A-Za-z0-9]{30,80}'), // models
  token(
    'do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|hv[sbr]\\.[A-Za-z0-9_-]{24,300}|[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}',
  ),
  token('ATATT3[A-Za-z0-9_=-]{50,255}|ATCTT3[A-Za-z0-9_=-]{50,255}|lin_api_[A-Za-z0-9]{32,64}|ntn_[A-Za-z0-9]{40,64}'),
  token(
    'key-[a-f0-9]{32}|SK[a-f0-9]{32}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|NRAK-[A-Z0-9]{27}|sntry[su]_[A-Za-z0-9_=+/-]{40,255}',
  ),
  token(
    'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|gl(?:sa|c)_[A-Za-z0-9+/=_]{32,255}|sbp_[a-f0-9]{40}|pscale_\\w{2,8}_[A-Za-z0-9_.-]{32,64}',
  ),
  token(
    '\\d{8,10}:AA[A-Za-z0-9_-]{33}|HRKU-[A-Za-z0-9-]{36,64}|dp\\.(?:pt|st|ct)\\.[A-Za-z0-9._-]{40,64}|AGE-SECRET-KEY-1[A-Z0-9]{58}',
  ),
  token('tf_[a-z0-9-]{1,40}_[A-Za-z0-9_-]{43}'), // ours
  token('eyJ[A-Za-z0-9_-]{8,4096}\\.eyJ[A-Za-z0-9_-]{4,8192}\\.[A-Za-z0-9_-]{0,2048}'), // JSON web token
  token('eyJ[A-Za-z0-9_-]{16,4096}(?:\\.[A-Za-z0-9_-]{0,8192}){4}'), // encrypted JSON web token
  /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, // Azure storage and Cosmos DB keys
  /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{30,80}(?:ASbT|AIoT|ACDb|AzFu|AzSe|AzCa|APIM|\+ASt|\+AMC|JQQJ99)[A-Za-z0-9+/]{4,60}={0,2}/g,
  /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,120}/g,
  /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/[A-Za-z0-9_-]{40,100}/g,
];

/** Groups: 1 is the secret. */
const LABELLED: readonly RegExp[] = [
  /\bAuthorization["']?\s{0,2}[:=]\s{0,2}["']?(?:Basic|Bearer|Token|Digest|ApiKey|SharedAccessSignature)\s{1,2}([^\s"',;]{6,4096})/gi,
  /\b(?:Bearer|Basic)\s((?=[A-Za-z0-9+/._~-]{0,60}[0-9_.+/=-])[A-Za-z0-9+/._~-]{20,4096}={0,2})/g,
  /(?<=[?&;]|\b)(?:sig|signature|X-Amz-Signature|X-Goog-Signature|X-Amz-Security-Token|access_token|id_token|refresh_token|api_?key|client_secret)=([A-Za-z0-9%+/=_.-]{16,4096})/gi,
  /\b(?:AccountKey|SharedAccessKey|SharedSecret|Password|Pwd)\s{0,2}=\s{0,2}([^;\s"'<>]{4,512})/gi,
  /"private_key(?:_id)?"\s{0,4}:\s{0,4}"([^"\s]{16,4096})"/g,
];

const NAMES =
  '(?:pass ?(?:word|wort|phrase|code)s?|passwd|pwd|kennwort|passwort|contrase(?:ñ|n)a|mot de passe|senha|hasło|wachtwoord|lösenord|пароль|パスワード|密码|' +
  'pin(?: code| number)?|secrets?|(?:api|access|secret|auth|account|private|signing|encryption|shared|license|storage|subscription)[ _-]?(?:key|token|secret)s?(?:[ _-]?id)?|' +
  'client[ _-]?secret|secret[ _-]?access[ _-]?key|token|otp|2fa code|one[ -]time (?:code|password)|recovery code|cvv2?|cvc2?|security code)';
/** `name: value`, `name = value`, `"name": "value"`, `NAME_PASSWORD=value`. */
const ASSIGNED = new RegExp(
  `(?<![\\p{L}])${NAMES}["']?(?: (?:is|was|for [\\p{L}\\p{N}@._-]{1,40}))?\\s{0,3}(?:[:=]|=>|：)\\s{0,3}["'\`]?([^\\s"'\`<>\\[\\]{},;]{3,512})`,
  'giu',
);
/** `my password is hunter2`: in prose, only what no word looks like, or what stands in quotes. */
const SAID = new RegExp(
  `(?<![\\p{L}])${NAMES}(?: (?:for|to|of|on) [\\p{L}\\p{N}@._-]{1,40})?(?: (?:is|was|ist|es|est|to|lautet|é|è|to be|set to))+:? {0,2}(?:"([^"\\n]{3,64})"|'([^'\\n]{3,64})'|\`([^\`\\n]{3,64})\`|([^\\s"'\`<>\\[\\]{},;?]{4,128}))`,
  'giu',
);

const NO_SECRET =
  /^(?:required|invalid|incorrect|wrong|reset|resets?|expired?|expires|missing|none|null|nil|undefined|true|false|yes|no|ok|string|number|hidden|redacted|empty|unknown|changed?|optional|accepted|rejected|denied|not|is|was|the|and|for|my|your|our|please|how|what|why|i|we|it|on|in|to|at|of|can|cannot|does|error|failed|failure|rotation|policy|login|protected|\*+|x{3,}|\.{3,}|<.*|\$\{?.*|%.*%?|process\.env.*|os\.environ.*)$/i;

/** Letters and digits or signs mixed: what people choose, and no word of a sentence. */
function looksChosen(value: string): boolean {
  const core = value.replace(/[.!?)]+$/, '');
  if (core.length < 4 || /^[\d.,:/-]+$/.test(core)) return /^\d{4,8}$/.test(core);
  return /\d/.test(core) ? /[\p{L}]/u.test(core) : /[^\p{L}'.-]/u.test(core) || /\p{Ll}\p{Lu}/u.test(core);
}

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** What ends a block whose end was cut off. In UTF-16 units; an RSA key of 8,192 bits has about 6,400. */
const LONGEST_BLOCK = 16_384;

function findKeyBlocks(text: string, add: Add): void {
  let end = -1;
  for (const { index, 0: begin } of text.matchAll(BEGIN)) {
    const from = index + begin.length;
    if (index < end) continue;
    const close = text.indexOf('-----END', from);
    const line = close < 0 ? -1 : text.indexOf('-----', close + 8);
    end = line < 0 || line - index > LONGEST_BLOCK ? Math.min(text.length, from + LONGEST_BLOCK) : line + 5;
    if (line < 0) end = Math.min(end, from + (/^[\sA-Za-z0-9+/=:,\\-]*/.exec(text.slice(from, end))?.[0].length ?? 0));
    add('secret', index, end);
  }
}

export function findSecrets(text: string, add: Add): void {
  findKeyBlocks(text, add);
  for (const pattern of TOKENS)
    for (const { index, 0: written } of text.matchAll(pattern)) add('secret', index, index + written.length);
  for (const pattern of LABELLED)
    for (const { index, 0: whole, 1: value = '' } of text.matchAll(pattern)) {
      const start = index + whole.lastIndexOf(value);
      if (!NO_SECRET.test(value)) add('secret', start, start + value.length);
    }
  for (const { index, 0: whole, 1: written = '' } of text.matchAll(ASSIGNED)) {
    const value = written.replace(/[.)!?]+$/, '');
    if (value.length < 3 || NO_SECRET.test(value)) continue;
    const start = index + whole.length - written.length;
    add('secret', start, start + value.length);
  }
  for (const match of text.matchAll(SAID)) {
    const quoted = match[1] ?? match[2] ?? match[3];
    const written = quoted ?? match[4] ?? '';
    const value = quoted ?? written.replace(/[.)!]+$/, '');
    if (quoted === undefined && (NO_SECRET.test(value) || !looksChosen(value))) continue;
    const start = match.index + match[0].lastIndexOf(written);
    add('secret', start, start + value.length);
  }
}
