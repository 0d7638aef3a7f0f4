import type { Log } from '../../log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { RouteName } from '../tasks.ts';
import type { BudgetSettings } from './configuration.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { type Pico, toPico } from './usd.ts';

/** Who pays for a call. */
export interface Payer {
  readonly workspace: string;
  readonly task: RouteName;
  readonly ticket: string | undefined;
}

/** Money set aside for one request; settled once, later settlements of it are nothing. */
export interface Reservation {
  readonly id: string;
  settle(spent: Pico): Promise<void>;
}

export interface Budgets {
  /** Sets the estimate aside in every budget that covers the payer, or in none: `undefined` when one has not enough. */
  reserve(id: string, payer: Payer, estimate: Pico, deadline: number): Promise<Reservation | undefined>;
  /** Whether one of the payer's budgets is nearly used, so that cheaper models come first. */
  isPressed(payer: Payer): boolean;
}

interface Open {
  readonly settings: BudgetSettings;
  readonly name: string;
  readonly ledger: Ledger;
  warned: boolean;
}

const WARN_AT = 0.8;
/** Ledgers that an instance keeps in mind; tickets come and go. */
const KEPT = 500;
const DAY_MS = 86_400_000;
/** Workspaces and task types are paid from by all instances; a ticket by one or two. */
const SLICES = 100n;

/**
 * Budgets by day and month (UTC) of workspaces, task types and tickets. With the store away nothing is spent beyond the
 * slice that an instance holds: the desk answers offline then.
 */
export function createBudgets(
  deps: { store: Store; clock: Clock; log: Log; instance: string },
  settings: readonly BudgetSettings[],
): Budgets {
  const { clock, log } = deps;
  const open = new Map<string, Open>();

  function of(payer: Payer): Open[] {
    return applying(settings, payer).map((one) => find(one, payer));
  }

  function find(budget: BudgetSettings, payer: Payer): Open {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const period = budget.period === 'day' ? day : day.slice(0, 7);
    const what = { workspace: '', task: `/${payer.task}`, ticket: `/${payer.ticket}` }[budget.scope];
    const name = `${payer.workspace}/${budget.scope}${what}/${period}`;
    const known = open.get(name);
    if (known) return known;
    if (open.size >= KEPT) open.delete(open.keys().next().value ?? '');
    const ledger = openLedger(deps, {
      partition: `lease/budget/${name}`,
      limit: toPico(budget.usd),
      slices: budget.scope === 'ticket' ? undefined : SLICES,
      expiresAt: Date.parse(period.length === 10 ? period : `${period}-01`) + (period.length === 10 ? 3 : 40) * DAY_MS,
    });
    const made = { settings: budget, name, ledger, warned: false };
    open.set(name, made);
    return made;
  }

  const isNearlyUsed = ({ ledger, settings: { warnAt = WARN_AT } }: Open) => ledger.used() >= warnAt;

  function warn(one: Open): void {
    if (one.warned || !isNearlyUsed(one)) return;
    one.warned = true;
    log.warn('A model budget is nearly used', { budget: one.name, usd: one.settings.usd });
  }

  async function reserve(id: string, payer: Payer, estimate: Pico, deadline: number): Promise<Reservation | undefined> {
    const taken: Open[] = [];
    const settle = async (spent: Pico): Promise<void> => {
      const held = taken.splice(0);
      await Promise.all(
        held.map(({ ledger, name }) =>
          ledger.settle(estimate, spent).catch((error: unknown) => {
            log.error('A model call was not settled with its budget', {
              budget: name,
              request: id,
              error: asError(error),
            });
          }),
        ),
      );
    };
    for (const one of of(payer)) {
      const enough = await one.ledger.reserve(estimate, deadline).catch((error: unknown) => {
        log.warn('Model budget without the store', { budget: one.name, error: asError(error) });
        return false;
      });
      warn(one);
      if (!enough) {
        await settle(0n);
        return undefined;
      }
      taken.push(one);
    }
    return { id, settle };
  }

  return { reserve, isPressed: (payer) => of(payer).some(isNearlyUsed) };
}

/** One budget of each scope and period: the one that names the payer's workspace and task goes before a general one. */
function applying(settings: readonly BudgetSettings[], payer: Payer): BudgetSettings[] {
  const best = new Map<string, BudgetSettings>();
  for (const one of settings.filter((budget) => covers(budget, payer))) {
    const of = `${one.scope}/${one.period}`;
    const other = best.get(of);
    if (!other || named(one) >= named(other)) best.set(of, one);
  }
  return [...best.values()];
}

const named = ({ task, workspace }: BudgetSettings): number => (task ? 1 : 0) + (workspace ? 1 : 0);

const covers = ({ scope, task, workspace }: BudgetSettings, payer: Payer): boolean =>
  (scope !== 'ticket' || payer.ticket !== undefined) &&
  (task === undefined || task === payer.task) &&
  (workspace === undefined || workspace === payer.workspace);

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
