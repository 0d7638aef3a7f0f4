/** The closed lists that several functions speak in. */
export const INTENTS = ['technical', 'billing', 'account', 'general'] as const;
export type Intent = (typeof INTENTS)[number];

export const PRIORITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const SPECIALISTS = ['billing', 'technical', 'account', 'sentiment'] as const;
export type Specialist = (typeof SPECIALISTS)[number];

export const CHANNELS = ['api', 'form', 'chat', 'email', 'webhook', 'queue', 'bus'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Time to the first answer by priority, milliseconds. */
export const SLA_MS: { readonly [P in Priority]: number } = {
  P1: 15 * 60_000,
  P2: 60 * 60_000,
  P3: 8 * 3_600_000,
  P4: 24 * 3_600_000,
};

/** From here on the machine decides by itself; under it a human does (T4, T6). */
export const CONFIDENT = 0.7;
