import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LabelledRow, readLabelledCsv, writeLabelledCsv } from '../../../../shared/models/offline/csv.ts';

describe('labelled CSV', () => {
  test('reads quotes, commas, line breaks, CRLF and a byte order mark', () => {
    const csv = '\uFEFFtext,category\r\n"Hi, it says ""no"".\nWhy?",billing\r\nplain,oos\r\nboth,billing|technical\r\n';
    expect(readLabelledCsv(csv)).toEqual([
      { text: 'Hi, it says "no".\nWhy?', labels: ['billing'] },
      { text: 'plain', labels: [] },
      { text: 'both', labels: ['billing', 'technical'] },
    ]);
  });

  test.each([
    ['an unclosed quote', 'text,category\na,b\n"never closed,c\n', 3, /never closed/],
    ['a third field', 'text,category\na, b,c\n', 2, /expected 2 fields, found 3/],
    ['a single field', 'text,category\nalone\n', 2, /expected 2 fields, found 1/],
    ['a quote in the middle', 'text,category\nsay "hi",b\n', 2, /quote inside an unquoted field/],
    ['text after a closing quote', 'text,category\n"a"b,c\n', 2, /after a closing quote/],
    ['an empty category', 'text,category\nx,y\na,\n', 3, /category is empty/],
    ['an empty text', 'text,category\n ,y\n', 2, /text is empty/],
    ['another header', 'label,text\na,b\n', 1, /expected the header/],
    ['nothing at all', '', 1, /expected the header/],
    ['an error after a field of two lines', 'text,category\n"a\nb",c\nd\n', 4, /expected 2 fields/],
  ])('names the line of %s', (_, csv, line, problem) => {
    expect(() => readLabelledCsv(csv)).toThrow(expect.objectContaining({ name: 'CsvError', line }));
    expect(() => readLabelledCsv(csv)).toThrow(problem);
  });

  test('what was written is what is read', () => {
    const label = fc.constantFrom('billing', 'technical', 'a b', 'x,y', 'say "z"');
    const row = fc.record({
      text: fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.trim() !== ''),
      labels: fc.uniqueArray(label, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(row), (rows: LabelledRow[]) => {
        expect(readLabelledCsv(writeLabelledCsv(rows))).toEqual(rows);
      }),
    );
  });
});
