/** Words around a find, which decide what a bare number is. */

/** Units before a find that are read for words that name it. */
export const WINDOW = 60;

export const before = (text: string, start: number, window = WINDOW): string =>
  text.slice(Math.max(0, start - window), start);

export const after = (text: string, end: number, window = 24): string => text.slice(end, end + window);

/** Whether one of the words stands within `window` before the find, or just after it. */
export function isNamed(text: string, start: number, end: number, words: RegExp, window = WINDOW): boolean {
  return words.test(before(text, start, window)) || words.test(after(text, end));
}

/** Where the last match ends, or -1. `pattern` is global. */
export function lastEnd(text: string, pattern: RegExp): number {
  let end = -1;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}
