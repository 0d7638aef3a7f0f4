import type { ContextOf } from '../../shared/function.ts';
import type { operations } from './function.ts';

/** What every handler of this function is given. */
export type Ctx = ContextOf<typeof operations>;
