/** What attempts to steer an agent look like, family by family. */
import { ACTION_PATTERNS } from './patterns/actions.ts';
import { DISGUISE_PATTERNS } from './patterns/disguises.ts';
import { LANGUAGE_PATTERNS } from './patterns/languages.ts';
import { ORDER_PATTERNS } from './patterns/orders.ts';
import { REQUEST_PATTERNS } from './patterns/requests.ts';
import type { Pattern } from './patterns/words.ts';

/** Weights are how sure one match makes; families add up. */
export const PATTERNS: readonly Pattern[] = [
  ...ORDER_PATTERNS,
  ...REQUEST_PATTERNS,
  ...ACTION_PATTERNS,
  ...DISGUISE_PATTERNS,
  ...LANGUAGE_PATTERNS,
];
