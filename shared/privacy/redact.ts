/** Takes personal data out of the texts of one ticket and puts it back into the reply. */
import { findPersonalData } from './find.ts';
import { PERSONAL_DATA_KINDS, type Span } from './kinds.ts';

/** Placeholder to the text it stands for, as plain JSON. It is personal data: keep it encrypted. */
export type RedactionMap = Readonly<Record<string, string>>;

export interface RedactOptions {
  /**
   * The text has been written by ourselves or by a model, from redacted text: placeholders of this ticket in it are
   * meant, and stay. Never for what a customer or a tool wrote.
   */
  readonly keepPlaceholders?: boolean;
}

export interface Redactor {
  /** Replaces personal data by placeholders, and text that only looks like a placeholder by one of its own. */
  redact(text: string, options?: RedactOptions): string;
  /** A copy to store beside the ticket; give it to `createRedactor` when the ticket goes on. */
  map(): RedactionMap;
}

/** The kind of what only looked like a placeholder. */
const LITERAL = 'literal';
const PLACEHOLDER = new RegExp(`\\[(?:${[...PERSONAL_DATA_KINDS, LITERAL].join('|')})-[1-9]\\d{0,8}\\]`, 'g');
const INSIDE = /^\[(.{1,30})-(\d{1,9})\]$/;

/** Longest value that is looked for again where no form shows it (a name in running text). In UTF-16 units. */
const LONGEST_ECHO = 80;
const SHORTEST_ECHO = 3;
/** Taking something out may make a neighbour visible; each further look is as fast as the first. */
const MAX_LOOKS = 4;
const isWordCharacter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character);

interface Cut {
  start: number;
  end: number;
  placeholder: string;
}

/**
 * Makes placeholders for one ticket: the same text of the same kind always gets the same one, over all its texts.
 * @example const { redact, map } = createRedactor(); redact('I am jane@example.com'); // 'I am [email-1]'
 */
export function createRedactor(known: RedactionMap = {}): Redactor {
  const values = new Map(Object.entries(known));
  const placeholders = new Map<string, string>(); // by kind and value
  const numbers = new Map<string, number>();
  const echoes = new Map<string, string>(); // values that are taken wherever they stand, to their placeholder
  for (const [placeholder, value] of values) {
    const [, kind = '', number = '0'] = INSIDE.exec(placeholder) ?? [];
    numbers.set(kind, Math.max(numbers.get(kind) ?? 0, Number(number)));
    remember(kind, value, placeholder);
  }

  function remember(kind: string, value: string, placeholder: string): void {
    placeholders.set(`${kind} ${value}`, placeholder);
    if (kind !== LITERAL && value.length >= SHORTEST_ECHO && value.length <= LONGEST_ECHO && !echoes.has(value))
      echoes.set(value, placeholder);
  }

  function placeholderFor(kind: string, value: string): string {
    const existing = placeholders.get(`${kind} ${value}`);
    if (existing) return existing;
    const number = (numbers.get(kind) ?? 0) + 1;
    const placeholder = `[${kind}-${number}]`;
    numbers.set(kind, number);
    values.set(placeholder, value);
    remember(kind, value, placeholder);
    return placeholder;
  }

  /** Known values where no form shows them. Reads the text once for each length that a known value has. */
  function findEchoes(text: string, free: (start: number, end: number) => boolean): Cut[] {
    const lengths = [...new Set([...echoes.keys()].map((value) => value.length))].sort((a, b) => b - a);
    const cuts: Cut[] = [];
    if (lengths.length === 0) return cuts;
    for (let at = 0; at < text.length; at++) {
      if (isWordCharacter(text[at - 1]) && isWordCharacter(text[at])) continue;
      for (const length of lengths) {
        const end = at + length;
        const placeholder = end <= text.length ? echoes.get(text.slice(at, end)) : undefined;
        if (!placeholder || (isWordCharacter(text[end - 1]) && isWordCharacter(text[end])) || !free(at, end)) continue;
        cuts.push({ start: at, end, placeholder });
        at = end - 1;
        break;
      }
    }
    return cuts;
  }

  function cutOut(text: string, isForeign: (lookalike: string) => boolean): string {
    const fixed = [...text.matchAll(PLACEHOLDER)].map(({ index, 0: written }) => ({
      start: index,
      end: index + written.length,
      // Escaped before this text's own placeholders are given out, or a number could be taken by both.
      placeholder: isForeign(written) ? placeholderFor(LITERAL, written) : written,
    }));
    const isFree = freeOf(fixed);
    const found = findPersonalData(text)
      .filter(({ start, end }) => isFree(start, end))
      .map(({ kind, start, end, value }: Span) => ({ start, end, placeholder: placeholderFor(kind, value) }));
    const taken = inOrder([...fixed, ...found]);
    return replaceAll(text, inOrder([...taken, ...findEchoes(text, freeOf(taken))]));
  }

  return {
    redact(text, { keepPlaceholders = false } = {}) {
      let current = cutOut(text, (written) => !keepPlaceholders || !values.has(written));
      for (let look = 1; look < MAX_LOOKS; look++) {
        const next = cutOut(current, () => false);
        if (next === current) break;
        current = next;
      }
      return current;
    },
    map: () => Object.fromEntries(values),
  };
}

const inOrder = (cuts: Cut[]): Cut[] => cuts.sort((a, b) => a.start - b.start);

/** Tells whether a range touches none of the cuts (which are in order). */
function freeOf(cuts: readonly Cut[]): (start: number, end: number) => boolean {
  return (start, end) => {
    let [low, high] = [0, cuts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cuts[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return (cuts[low]?.start ?? Number.POSITIVE_INFINITY) >= end;
  };
}

function replaceAll(text: string, cuts: readonly Cut[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, placeholder } of cuts) {
    parts.push(text.slice(at, start), placeholder);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/**
 * Puts back what the placeholders of `map` stand for, once: what comes back is not read again. Unknown placeholders
 * stay as they are. Only for what goes to the customer whose ticket the map belongs to.
 */
export function restore(text: string, map: RedactionMap): string {
  return text.replace(PLACEHOLDER, (written) => (Object.hasOwn(map, written) ? (map[written] ?? written) : written));
}
