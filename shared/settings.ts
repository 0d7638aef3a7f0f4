import { AppError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type CloudName = 'aws' | 'azure' | 'gcp' | 'local';

/** One variable of the environment. */
export interface Variable<T = unknown> {
  readonly name: string;
  readonly about: string;
  /** What stands in for it; required where there is none. */
  readonly fallback?: string;
  /** What a right value looks like, for the error. */
  readonly expected: string;
  /** `undefined` says that the text is wrong. */
  readonly read: (text: string) => T | undefined;
}
export type Variables = Readonly<Record<string, Variable>>;
export type Values<V extends Variables> = { readonly [K in keyof V]: NonNullable<ReturnType<V[K]['read']>> };

/** Names that can stand in partitions and index hashes; `app` and `lease` are the app's own. */
export const WORKSPACE = /^(?!(?:app|lease)$)[a-z0-9][a-z0-9-]{0,39}$/;

const integer =
  (least: number, most: number) =>
  (text: string): number | undefined =>
    /^\d{1,12}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const flag = (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined);

function jsonOrNone(text: string): string | undefined {
  try {
    if (text !== '') JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** Readers that the clouds' own tables share. */
export const some = (text: string): string | undefined => text || undefined;
export const anyText = (text: string): string => text;
export const url = (text: string): string | undefined => (isUrl(text) ? text.replace(/\/$/, '') : undefined);
export const urlOrNone = (text: string): string | undefined => (text === '' || isUrl(text) ? text : undefined);

/** The variables that every artifact reads; each cloud's `settings.ts` has its own beside them. */
export const COMMON = {
  workspace: {
    name: 'TRIFOLD_WORKSPACE',
    about: 'Workspace of what comes from outside without a principal: direct calls, outside queues and events',
    fallback: 'main',
    expected: 'at most 40 lower-case letters, digits and -',
    read: (text: string) => (WORKSPACE.test(text) ? text : undefined),
  },
  ratePerMinute: {
    name: 'TRIFOLD_RATE_PER_MINUTE',
    about: 'Requests a minute for one principal, over all instances',
    fallback: '60000',
    expected: 'a number from 1 to 10000000',
    read: integer(1, 10_000_000),
  },
  maxAttempts: {
    name: 'TRIFOLD_MAX_ATTEMPTS',
    about: 'Deliveries of a message before it becomes a dead letter',
    fallback: '5',
    expected: 'a number from 1 to 100',
    read: integer(1, 100),
  },
  logLevel: {
    name: 'TRIFOLD_LOG_LEVEL',
    about: 'Least level that is logged',
    fallback: 'info',
    expected: LEVELS.join(', '),
    read: (text: string) => LEVELS.find((level) => level === text),
  },
  ownClassifier: {
    name: 'TRIFOLD_OWN_CLASSIFIER',
    about: 'Whether triage goes by the classifier that the workspace trained (`trifold train`), where there is one',
    fallback: 'false',
    expected: 'true or false',
    read: flag,
  },
  models: {
    name: 'TRIFOLD_MODELS',
    about:
      'Language models, their routes, limits and budgets (infra/decisions/models.md); the desk is offline without it',
    fallback: '',
    expected: 'JSON',
    read: jsonOrNone,
  },
  webhookUrl: {
    name: 'TRIFOLD_WEBHOOK_URL',
    about: 'Where escalations are posted, beside the log',
    fallback: '',
    expected: 'an http(s) URL',
    read: urlOrNone,
  },
  webhookSecret: {
    name: 'TRIFOLD_WEBHOOK_SECRET',
    about: 'Signs what is posted there',
    fallback: '',
    expected: 'any text',
    read: anyText,
  },
} as const satisfies Variables;

export type Settings = Values<typeof COMMON>;

/** Reads and checks the environment. Throws one error that names every variable that is missing or wrong, without its value. */
export function readVariables<V extends Variables>(env: Environment, variables: V): Values<V> {
  const wrong: string[] = [];
  const entries = Object.entries(variables).map(([key, { name, fallback, expected, read }]) => {
    const text = env[name] ?? fallback;
    const value = text === undefined ? undefined : read(text);
    if (value === undefined) wrong.push(`${name} ${text === undefined ? 'is missing' : 'is wrong'}: ${expected}`);
    return [key, value];
  });
  if (wrong.length > 0)
    throw new AppError('bad_configuration', `The configuration is wrong. ${wrong.join('; ')}`, {
      expose: true,
      retryable: false,
    });
  // Every value was read by the reader of its own key, and none is missing.
  return Object.fromEntries(entries) as Values<V>;
}
