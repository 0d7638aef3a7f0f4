import { AppError } from './errors.ts';
import type { LogLevel } from './log.ts';
import { WORKSPACE } from './workspaces.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type CloudName = 'aws' | 'azure' | 'gcp' | 'local';

export interface Settings {
  /** Workspace of what comes from outside without a principal of its own: direct calls, outside queues and events. */
  readonly workspace: string;
  /** Requests a minute for one principal, over all instances. */
  readonly ratePerMinute: number;
  /** Deliveries of one message before it is a dead letter. */
  readonly maxAttempts: number;
  readonly logLevel: LogLevel;
  /** Where escalations are posted; the log alone when absent. */
  readonly webhookUrl: string | undefined;
  readonly webhookSecret: string | undefined;
  /** Folder of the embedded store. */
  readonly dataDir: string;
}

/** One variable: what it means, what it is without one, and how its text is read; `undefined` says it is wrong. */
export interface Variable<T> {
  readonly about: string;
  readonly fallback: string;
  /** What a right value looks like, for the error. */
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
  /** Where it counts; everywhere when absent. */
  readonly clouds?: readonly CloudName[];
}

const integer =
  (least: number, most: number) =>
  (text: string): number | undefined =>
    /^\d{1,12}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const url = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;

/** The variables that every artifact reads; README's table is made from this. */
export const VARIABLES = {
  workspace: {
    about: 'Workspace of what comes from outside without a principal: direct calls, outside queues and events',
    fallback: 'main',
    expected: 'lower-case letters, digits and -, at most 40',
    read: (text: string) => (WORKSPACE.test(text) ? text : undefined),
  },
  ratePerMinute: {
    about: 'Requests a minute for one principal, over all instances',
    fallback: '60000',
    expected: 'a number from 1 to 10000000',
    read: integer(1, 10_000_000),
  },
  maxAttempts: {
    about: 'Deliveries of a message before it becomes a dead letter',
    fallback: '5',
    expected: 'a number from 1 to 100',
    read: integer(1, 100),
  },
  logLevel: {
    about: 'Least level that is logged',
    fallback: 'info',
    expected: LEVELS.join(', '),
    read: (text: string) => LEVELS.find((level) => level === text),
  },
  webhookUrl: {
    about: 'Where escalations are posted, beside the log',
    fallback: '',
    expected: 'an http(s) URL',
    read: (text: string) => (text === '' ? '' : url(text)),
  },
  webhookSecret: {
    about: 'Signs what is posted there',
    fallback: '',
    expected: 'any text',
    read: (text: string) => text,
  },
  dataDir: {
    about: 'Folder of the embedded store',
    fallback: '.trifold',
    expected: 'a path',
    read: (text: string) => text || undefined,
    clouds: ['local'],
  },
} as const satisfies { readonly [K in keyof Settings]: Variable<string | number> };

/** `TRIFOLD_RATE_PER_MINUTE` of `ratePerMinute`. */
export const variableName = (setting: string): string =>
  `TRIFOLD_${setting.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;

/** Reads and checks the environment. Throws one error that names every variable that is missing or wrong, without its value. */
export function readSettings(env: Environment): Settings {
  const wrong: string[] = [];
  const take = <K extends keyof typeof VARIABLES>(setting: K) => {
    const { read, fallback, expected } = VARIABLES[setting];
    const value = read(env[variableName(setting)] ?? fallback);
    if (value === undefined) wrong.push(`${variableName(setting)} must be ${expected}`);
    // `wrong` throws below before a missing value is seen.
    return value as NonNullable<ReturnType<(typeof VARIABLES)[K]['read']>>;
  };
  const settings: Settings = {
    workspace: take('workspace'),
    ratePerMinute: take('ratePerMinute'),
    maxAttempts: take('maxAttempts'),
    logLevel: take('logLevel'),
    webhookUrl: take('webhookUrl') || undefined,
    webhookSecret: take('webhookSecret') || undefined,
    dataDir: take('dataDir'),
  };
  if (wrong.length > 0)
    throw new AppError('bad_configuration', `The configuration is wrong: ${wrong.join('; ')}`, {
      status: 500,
      expose: true,
      retryable: false,
    });
  return settings;
}
