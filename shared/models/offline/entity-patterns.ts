/** The expressions behind `entities.ts`. Each is linear: bounded repetitions behind a look-behind or a literal. */
import type { EntityKind } from './entities.ts';

const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)';
const NUMBER = "\\d{1,15}(?:[.,']\\d{1,6}){0,5}";
const CURRENCY =
  '(?:€|£|EUR|USD|GBP|CHF|JPY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|euros?|dollars?|bucks|pounds?|francs|yen|rupees)(?![\\p{L}\\p{N}])';

/** In order of precedence only where two begin at one place; overlaps are settled by position and length. */
export const ENTITY_PATTERNS: readonly { kind: EntityKind; pattern: RegExp }[] = [
  { kind: 'url', pattern: /\b(?:https?|wss?):\/\/[^\s<>"'(){}[\]]{1,2048}/gi },
  { kind: 'amount', pattern: new RegExp(`(?<![\\p{L}\\p{N}.,])[€$£¥₹] ?${NUMBER}`, 'gu') },
  { kind: 'amount', pattern: new RegExp(`(?<![\\p{L}\\p{N}.,])(?:EUR|USD|GBP|CHF|JPY|INR|CAD|AUD) ?${NUMBER}`, 'gu') },
  { kind: 'amount', pattern: new RegExp(`(?<![\\p{L}\\p{N}.,$€£_-])${NUMBER} ?(?:\\$|${CURRENCY})`, 'giu') },
  { kind: 'invoice', pattern: /\bINV[-_#/ ]{0,2}\d[\d/-]{0,20}\b/gi },
  {
    kind: 'invoice',
    pattern:
      /\b(?:invoices?|bill|credit note|receipt)(?: (?:number|no\.?|nr\.?|id))?[:# ]{1,3}([A-Z]{0,5}-?\d{3,12})\b/gi,
  },
  { kind: 'order', pattern: /\b(?:ORD|PO|SO)[-_#]\d[\d-]{0,20}\b/gi },
  {
    kind: 'order',
    pattern: /\b(?:purchase order|order)(?: (?:number|no\.?|nr\.?|id))?[:# ]{1,3}([A-Z]{0,5}-?\d{3,15})\b/gi,
  },
  { kind: 'transaction', pattern: /\b(?:ch|pi|txn|tx|re|pay|sub|cus)_[A-Za-z0-9]{4,40}\b/g },
  { kind: 'transaction', pattern: /\b(?:TXN|TX|PAY)-\d[\dA-Z-]{2,30}\b/g },
  {
    kind: 'transaction',
    pattern:
      /\b(?:transaction|payment|reference)(?: (?:number|no\.?|nr\.?|id|reference))?[:# ]{1,3}([A-Z]{0,5}-?\d{4,20})\b/gi,
  },
  { kind: 'request', pattern: /\breq[-_][A-Za-z0-9-]{4,60}\b/g },
  { kind: 'request', pattern: /\b(?:request|trace|correlation)[- ]?id[:= ]{1,3}([A-Za-z0-9][A-Za-z0-9_-]{5,63})\b/gi },
  {
    kind: 'date',
    pattern: /(?<![\w-])\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\w-])/g,
  },
  { kind: 'date', pattern: /(?<![\w./-])\d{1,2}(?:\.\d{1,2}\.|\/\d{1,2}\/|-\d{1,2}-)(?:\d{4}|\d{2})(?![\w/-])/g },
  {
    kind: 'date',
    pattern: new RegExp(`(?<!\\w)\\d{1,2}(?:st|nd|rd|th|\\.)? (?:of )?${MONTH}(?:,? \\d{4})?(?!\\w)`, 'gi'),
  },
  { kind: 'date', pattern: new RegExp(`\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?(?![\\w%])`, 'gi') },
  {
    kind: 'date',
    pattern:
      /\b(?:yesterday|today|tomorrow|tonight|last (?:night|week|month|year)|(?:last |next |this )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday))\b/gi,
  },
  { kind: 'errorCode', pattern: /\b0x[0-9A-Fa-f]{4,16}\b/g },
  {
    kind: 'errorCode',
    pattern:
      /\bE(?:RR_[A-Z0-9_]{2,60}|(?:CONN|TIME|PIPE|NOT|AI_|ADDR|HOST|NET|ACCES|PERM|EXIST|INVAL|MFILE|NOENT)[A-Z0-9_]{0,30})\b/g,
  },
  {
    kind: 'errorCode',
    pattern:
      /\b(?!INV|ORD|PO-|SO-|TXN|TX-|PAY-|ISO|UTF|SHA|RFC|CVE|SOC)[A-Z]{2,10}-\d{2,8}\b|\bE\d{3,6}\b|\bCVE-\d{4}-\d{4,7}\b/g,
  },
  { kind: 'errorCode', pattern: /\b[A-Z][A-Za-z]{2,48}(?:Error|Exception|Fault)\b/g },
  { kind: 'errorCode', pattern: /\berror[- ]?code[:= ]{1,3}([A-Za-z0-9][\w.-]{0,40})/gi },
  { kind: 'errorCode', pattern: /\bexit code (\d{1,3})\b/gi },
  { kind: 'apiPath', pattern: /\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) (?:to )?(\/[\w{}:./?=&%~-]{0,512})/g },
  {
    kind: 'apiPath',
    pattern: /(?<![\w/:.])\/(?:v\d{1,3}|api|rest|graphql)(?:\/[\w{}:.~-]{0,128}){0,16}(?:\?[\w=&%.~-]{0,256})?/gi,
  },
];

export const HTTP_STATUSES: ReadonlySet<number> = new Set([
  200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412,
  413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 507,
  508, 511, 520, 521, 522, 523, 524, 525, 526, 530,
]);

/** Words just before a number that make it an HTTP status, and just after. */
export const HTTP_BEFORE =
  /(?:\b(?:http\S{0,8}|status(?: code)?|errors?|code|codes|return\w{0,4}|respon\w{0,6}|answer\w{0,4}|throw\w{0,3}|gives?|giving|get|gets|getting|got|see|seeing|receiv\w{0,4}|with|an?|only|many|random|intermittent|unexpected)[: =(]{1,3}(?:me |us |an? |the |is |of )?)$/i;
export const HTTP_AFTER =
  /^(?:s\b|[ -]{1,2}(?:errors?|bad|internal|not found|service|gateway|unauthori|forbidden|too many|status|responses?|unprocessable|conflict|page|when|on every|everywhere|from))/i;

/** Well-known names of services; one's own come in as an option. */
export const PRODUCTS: readonly string[] = (
  'S3|EC2|RDS|Aurora|DynamoDB|Lambda|SQS|SNS|EventBridge|CloudFront|CloudWatch|Route 53|API Gateway|Fargate|EKS|ECS|Redshift|Athena|Bedrock|IAM|' +
  'Azure Functions|Azure AD|Entra ID|Cosmos DB|Blob Storage|Service Bus|Event Hubs|Event Grid|AKS|App Service|Key Vault|Application Insights|' +
  'Cloud Run|Cloud Functions|Cloud SQL|BigQuery|Pub/Sub|Firestore|GKE|Vertex AI|Cloud Storage|Droplet|Droplets|Kubernetes|Docker|Terraform|' +
  'Postgres|PostgreSQL|MySQL|MongoDB|Redis|Kafka|RabbitMQ|Elasticsearch|GitHub Actions|GitHub|GitLab|Jenkins|Slack|Microsoft Teams|Okta|' +
  'Keycloak|Salesforce|Stripe|PayPal|Zapier|Jira|Datadog|Grafana|Prometheus|Cloudflare|Twilio|Snowflake'
).split('|');
