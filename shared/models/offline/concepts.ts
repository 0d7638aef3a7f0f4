/**
 * What words of a support desk are about. A few hundred training sentences can't teach that "debited" is as much about
 * money as "charged"; these stems do. A word may belong to several concepts. A stem ending in `.` is the whole word.
 */
const CONCEPTS: Record<string, string> = {
  money:
    'charg bill. billed billing bills invoic refund pay. pays paid payed paying payment payout payroll payable prepaid paypal price pricing cost costs costing fee. fees money card. cards credit debit deduct bank tax taxes taxed vat. receipt discount coupon voucher promo renew trial euro usd eur. gbp. chf. dollar pound € $ £ expens cheap amount balance budget quote purchas procure transaction iban stripe visa. mastercard amex sepa overcharg reimburs accountant accounting bookkeep financ dunning overdue chargeback prorat proforma checkout spend spent spending monthly annual yearly quarterly afford fiscal facture rechnung remit wire. transfer',
  contract:
    'subscri plan. plans upgrad downgrad renew cancel cancell terminat tier. tiers enterprise starter premium package edition trial commitment contract term. terms licens licenc quota',
  sign_in:
    'login logon logged logging signin signup signing sign. passw pwd. 2fa mfa. otp. totp sso. saml scim okta entra oauth authent credential username passkey yubikey captcha session lock unlock locked lockout register registr verif verify recover reset code codes sms. pin. magic token access',
  people:
    'admin owner ownership member invit seat seats user. users userid team. teams teammate colleague employee coworker contractor staff role roles permission privilege grant revoke guest group. groups organi workspace tenant intern manager join. joined left. fired hire hired transfer provision deprovision',
  identity:
    'account profile avatar nickname suspend suspended banned ban. blocked disabled disable deactivat reactivat delete deletion erase gdpr personal identity email e mail. mails address username name. alias timezone preferences notification settings merge close. closure hacked compromised',
  service:
    'api. apis centre center datacent endpoint webhook server backend deploy redeploy rollback pipeline build. builds cluster node. nodes pod. pods container docker kube k8s helm terraform database db. postgres mysql mongo redis sql. query queries queue kafka topic stream dns. tls. ssl. certificate domain subdomain http https cors json xml. sdk. cli. library npm. pip. python java. javascript typescript golang ruby php. script function lambda worker job. jobs cron batch backup restore snapshot replica upload download import export sync network firewall vpn. vpc. ip. proxy balancer cdn. cache bucket storage disk. memory cpu. gpu. instance vm. ssh. region cloud request requests response payload header endpoint socket websocket integration plugin connector dashboard console log. logs metric metrics monitor alert trace latency throughput parser migration index search browser chrome firefox safari app. android ios. iphone mobile desktop screen page. pages button ui. form. editor report',
  failure:
    "error fail crash broke down. outage unavailable unreachable hang. hangs hanging hung stuck frozen freez slow sluggish timeout timed wrong missing lost bug. bugs buggy glitch issue problem corrupt damaged unable cannot can't cant doesn't doesnt didn't won't wont isn't not. never nothing stopped exception panic stack segfault refused denied rejected invalid mismatch expired 401 403 404 408 409 413 422 429 500 502 503 504 incident malfunction unresponsive unstable intermittent degraded drops dropped dead blank empty duplicate weird loop leak",
  documents:
    'documentation docs. doc. roadmap changelog release guide tutorial manual webinar training course article blog forum discord community faq video newsletter certification certified iso. soc. hipaa sla. compliance compliant questionnaire policy privacy whitepaper glossary newsletter statement reference',
  company:
    'company office offices hours opening phone telephone hotline contact sales demo partner reseller journalist press hiring jobs. career ceo. competitor compare compared comparison alternative versus vs. customers case event conference meetup sponsor university study logo headquarters located founded investor agency consult',
  wishes:
    'feature suggest suggestion idea ideas wish wishlist feedback complain complaint roadmap planned future soon someday consider add. adding vote improve improvement opinion like love enjoy nice great awesome amazing fantastic excellent brilliant best perfect impressed happy disappointed confusing rude',
  courtesy:
    'thank thanks thx. cheers appreciate grateful hello hi. hey. morning greetings regards welcome congrat bye goodbye christmas weekend ok. okay resolved solved',
  offering:
    'offer offers support. supports supported provide provides available possible compatible works integrate information overview difference interested evaluate evaluating product products services tool solution platform',
  everyday:
    'recipe cook soup pizza restaurant wine food eat. weather snow rain. sunny dog. dogs cat. cats bird parrot pet. film movie cinema song songs music sing poem story joke football soccer match. game. games train. trains flight flights hotel vacation holiday trip doctor hospital medicine health pregnant book. books novel president election planet mars. moon birthday girlfriend boyfriend wife husband mother father kids kitchen garden plants tomato car. cars tyre bike bitcoin stock stocks shares lottery prize horoscope homework maths capital mountain museum marathon diet calories lose weight alarm timer remind translate wash washing dress shoes flower roses parcel neighbour police visa. driving essay sonnet paint colour painted piano guitar',
  question: 'what where when which who whom why how is. are. do. does can. could would may. any',
  urgent:
    'urgent urgently asap immediately now. emergency critical production prod. customers everybody everyone whole entire all.',
};

const NAMES = Object.keys(CONCEPTS);
const SHORTEST = 2;
let longest = 0;
/** Stem to concept numbers; whole words are kept with their `.`. */
const stems = new Map<string, number[]>();
NAMES.forEach((name, concept) => {
  for (const stem of (CONCEPTS[name] ?? '').split(' ')) {
    stems.set(stem, [...(stems.get(stem) ?? []), concept]);
    longest = Math.max(longest, stem.length);
  }
});

/** Calls `found` with the number of every concept that a lower-case word belongs to (each once). */
export function conceptsOf(word: string, found: (concept: number) => void): void {
  let seen = 0;
  const note = (list: number[] | undefined) => {
    for (const concept of list ?? []) {
      if ((seen & (1 << concept)) === 0) found(concept);
      seen |= 1 << concept;
    }
  };
  note(stems.get(`${word}.`));
  if (word.length < SHORTEST) note(stems.get(word));
  for (let end = SHORTEST; end <= word.length && end <= longest; end++) note(stems.get(word.slice(0, end)));
}
