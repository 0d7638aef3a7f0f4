import { DEFAULT_OVERLAP_MS } from '../../ports/vault.ts';

/**
 * When each version was put and how long the one before it stays readable after that. Secret Manager knows neither
 * (its own expiry is the whole secret's), so both stand in the secret's annotations: `put-7` is `<epoch ms>/<ms>`.
 */
export type Annotations = Readonly<Record<string, string>>;

export const toAnnotation = (version: number, at: number, keepMs: number): Annotations => ({
  [`put-${version}`]: `${at}/${keepMs}`,
});

export interface Put {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly keepMs: number;
}

/** What is known of a version's put; `undefined` for a first version, or when its put was cut short. */
export function fromAnnotation(annotations: Annotations, version: number): Put | undefined {
  const [at, keepMs] = (annotations[`put-${version}`] ?? '').split('/');
  return at && keepMs ? { at: Number(at), keepMs: Number(keepMs) } : undefined;
}

/** When a version ends of whose successor nothing was written down but by Secret Manager itself. */
export const fromCreateTime = (createTime: string): Put => ({ at: Date.parse(createTime), keepMs: DEFAULT_OVERLAP_MS });

export const endOf = (successor: Put): number => successor.at + successor.keepMs;

/** The annotations without those of versions below `first`, which nobody asks for any more. */
export const forgetBelow = (annotations: Annotations, first: number): Annotations =>
  Object.fromEntries(
    Object.entries(annotations).filter(([name]) => {
      const version = /^put-(\d+)$/.exec(name)?.[1];
      return version === undefined || Number(version) >= first;
    }),
  );
