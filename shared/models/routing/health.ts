/** What is known of one model, shared by all instances. Pure: each function returns the next state. */
export interface Health {
  readonly v: 1;
  /** `open` becomes half-open by itself at `retryAt`. */
  readonly state: 'closed' | 'open';
  /** Answers and failures of the last minute, in slots of ten seconds. */
  readonly slots: readonly Slot[];
  /** Epoch milliseconds from which on one probe may be made. */
  readonly retryAt: number;
  /** Who makes the probe, until when the others believe in it. */
  readonly probe?: { readonly holder: string; readonly until: number };
  /** Epoch milliseconds until which the model is left alone because it said 429. */
  readonly coolUntil: number;
  /** 429s in a row, for vendors that don't say how long to wait. */
  readonly throttles: number;
}

export interface Slot {
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
}

export type Tally = Pick<Slot, 'ok' | 'failed'>;

const SLOT_MS = 10_000;
const WINDOW_MS = 60_000;
const LEAST_FAILURES = 3;
const SHARE = 0.5;
const OPEN_MS = 60_000;
/** How long a probe keeps the others away; longer than any attempt takes. */
const PROBE_MS = 30_000;
const COOL_MS = 1_000;
const MOST_COOL_MS = 60_000;

export const WELL: Health = { v: 1, state: 'closed', slots: [], retryAt: 0, coolUntil: 0, throttles: 0 };

export type Standing =
  | { readonly kind: 'go' }
  /** Half-open, and nobody probes: whoever gets the lease may. */
  | { readonly kind: 'half-open' }
  | { readonly kind: 'wait'; readonly until: number; readonly why: 'open' | 'cooling' };

export function standing(health: Health, now: number): Standing {
  if (health.coolUntil > now) return { kind: 'wait', until: health.coolUntil, why: 'cooling' };
  if (health.state === 'closed') return { kind: 'go' };
  if (health.retryAt > now) return { kind: 'wait', until: health.retryAt, why: 'open' };
  if (health.probe && health.probe.until > now) return { kind: 'wait', until: health.probe.until, why: 'open' };
  return { kind: 'half-open' };
}

/** Those of the last minute. */
export const recent = (slots: readonly Slot[], now: number): Slot[] => slots.filter(({ at }) => at > now - WINDOW_MS);

/** Whether failures of the last minute are known: only then do other instances need to hear of successes. */
export const isTroubled = (health: Health, now: number): boolean =>
  health.state === 'closed' && recent(health.slots, now).some(({ failed }) => failed > 0);

/**
 * Adds counts to the last minute's; opens at half of them failed and at least three. While open, late answers count
 * nothing.
 */
export function tally(health: Health, counts: readonly Slot[], now: number): Health {
  const slots = addSlots(recent(health.slots, now), recent(counts, now));
  const sum = (pick: (slot: Slot) => number, of = slots) => of.reduce((all, slot) => all + pick(slot), 0);
  const [ok, failed] = [sum((slot) => slot.ok), sum((slot) => slot.failed)];
  if (health.state === 'open' || counts.length === 0) return health;
  if (sum((slot) => slot.failed, counts) > 0 && failed >= LEAST_FAILURES && failed >= SHARE * (ok + failed))
    return opened(health, now);
  const answered = sum((slot) => slot.ok, counts) > 0;
  return { ...health, slots, throttles: answered ? 0 : health.throttles };
}

/** One answer or failure, in its slot. */
export const slotOf = (now: number, count: Partial<Tally>): Slot => ({
  at: now - (now % SLOT_MS),
  ok: 0,
  failed: 0,
  ...count,
});

export function addSlots(slots: readonly Slot[], more: readonly Slot[]): readonly Slot[] {
  return more.reduce<readonly Slot[]>((all, { at, ok, failed }) => {
    const same = all.find((slot) => slot.at === at);
    const sum = { at, ok: ok + (same?.ok ?? 0), failed: failed + (same?.failed ?? 0) };
    return [...all.filter((slot) => slot !== same), sum];
  }, slots);
}

const opened = (health: Health, now: number): Health => ({
  ...withoutProbe(health),
  state: 'open',
  slots: [],
  retryAt: now + OPEN_MS,
});

const withoutProbe = ({ probe, ...health }: Health): Health => health;

/** `holder` makes the probe of this half-open period. */
export const probing = (health: Health, holder: string, now: number): Health => ({
  ...health,
  probe: { holder, until: now + PROBE_MS },
});

/** The probe's end. A probe whose lease somebody else has by now counts nothing. */
export function probed(health: Health, holder: string, answered: boolean, now: number): Health {
  if (health.state !== 'open' || health.probe?.holder !== holder) return health;
  return answered ? { ...WELL, coolUntil: health.coolUntil } : opened(health, now);
}

/** The probe was not made: the next one may try. */
export const unprobed = (health: Health, holder: string): Health =>
  health.probe?.holder === holder ? withoutProbe(health) : health;

/** After a 429: left alone for as long as the vendor said, else for a second that doubles with each in a row. */
export function throttled(health: Health, retryAfterMs: number | undefined, now: number): Health {
  // Calls that were under way together are told together; they are one 429.
  if (health.coolUntil > now && retryAfterMs === undefined) return health;
  const wait = retryAfterMs ?? Math.min(MOST_COOL_MS, COOL_MS * 2 ** Math.min(health.throttles, 6));
  return { ...health, throttles: health.throttles + 1, coolUntil: Math.max(health.coolUntil, now + wait) };
}

/** A health check reached the model while its breaker was open: the next call may probe at once. */
export const reached = (health: Health, now: number): Health =>
  health.state === 'open' ? { ...health, retryAt: Math.min(health.retryAt, now) } : health;
