import type { Declaration, Trigger } from '../../shared/function.ts';

/** One native event for one trigger of a built artifact. */
export interface Invocation {
  /** `dist/<cloud>`. */
  readonly folder: string;
  readonly declaration: Declaration;
  readonly trigger: string;
  readonly kind: Trigger['kind'];
  /** As in `events/<cloud>/*.json`. */
  readonly event: unknown;
}

export interface Answer {
  /** What the cloud would get, as far as JSON can show it. */
  readonly value: unknown;
  /** Set when the cloud would take the invocation for failed. */
  readonly failure?: string;
}

/** An error's one line. */
export const lineOf = (thrown: unknown): string =>
  String(thrown instanceof Error && thrown.name === 'Error' ? thrown.message : thrown).split('\n', 1)[0] ?? '';
