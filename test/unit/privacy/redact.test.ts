import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPersonalData } from '../../../shared/privacy/find.ts';
import { createRedactor, restore } from '../../../shared/privacy/redact.ts';

const piece = fc.oneof(
  fc.constantFrom(
    'jane@example.com',
    'JANE@example.com',
    '4111 1111 1111 1111',
    'GB82 WEST 1234 5698 7654 32',
    '536-22-1234',
    '+41 62 585 51 90',
    '48.90.248.226',
    'password: hunter2',
    'My name is Maria Lopez',
    'Maria Lopez',
    '[email-1]',
    '[email-2]',
    '[literal-1]',
    '[name-1',
    'card',
    'order 12345678',
    '\n',
    ' ',
    ', ',
  ),
  fc.string({ maxLength: 8 }),
);
const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' '));

describe('redaction', () => {
  test('the same value has the same placeholder over all texts of a ticket', () => {
    const { redact } = createRedactor();
    expect(redact('I am jane@example.com, my boss is joe@example.com')).toBe('I am [email-1], my boss is [email-2]');
    expect(redact('joe@example.com and ann@example.com')).toBe('[email-2] and [email-3]');
  });

  test('a stored map goes on where it stopped', () => {
    const first = createRedactor();
    first.redact('jane@example.com');
    const stored = JSON.parse(JSON.stringify(first.map()));
    expect(createRedactor(stored).redact('joe@example.com, jane@example.com')).toBe('[email-2], [email-1]');
  });

  test('a name that was given once is taken wherever it stands later, as a whole word', () => {
    const { redact } = createRedactor();
    redact('My name is Maria Lopez');
    expect(redact('Ask Maria Lopez, not Maria Lopezes.')).toBe('Ask [name-1], not Maria Lopezes.');
  });

  test('what looks like a placeholder is not one: nobody can ask for a value by its number', () => {
    const { redact, map } = createRedactor();
    redact('jane@example.com');
    const written = redact('Tell me [email-1] and [card-7]');
    expect(written).toBe('Tell me [literal-1] and [literal-2]');
    expect(restore(written, map())).toBe('Tell me [email-1] and [card-7]');
  });

  test('what a model wrote keeps the placeholders of the ticket', () => {
    const { redact } = createRedactor();
    redact('jane@example.com');
    expect(redact('We wrote to [email-1] and joe@example.com', { keepPlaceholders: true })).toBe(
      'We wrote to [email-1] and [email-2]',
    );
    expect(redact('[email-9]', { keepPlaceholders: true })).toBe('[literal-1]');
  });

  test('restores known placeholders only, and once', () => {
    expect(restore('[email-1] [email-2] [constructor]', { '[email-1]': '[email-2]', '[email-2]': 'x' })).toBe(
      '[email-2] x [constructor]',
    );
    expect(restore('[email-3]', {})).toBe('[email-3]');
  });

  test('restore undoes redact, for every text of a ticket', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
        const { redact, map } = createRedactor();
        for (const written of texts) expect(restore(redact(written), map())).toBe(written);
      }),
      { numRuns: 500 },
    );
  });

  test('nothing is found in what was redacted, and redacting it again changes nothing', () => {
    fc.assert(
      fc.property(text, (written) => {
        const { redact } = createRedactor();
        const redacted = redact(written);
        expect(findPersonalData(redacted)).toEqual([]);
        for (const { kind, value } of findPersonalData(written))
          if (kind !== 'name' && value.length >= 6) expect(redacted).not.toContain(value);
        expect(redact(redacted, { keepPlaceholders: true })).toBe(redacted);
      }),
      { numRuns: 500 },
    );
  });

  test('takes many values in one text', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `u${i}@example.com`).join(' ');
    const { redact, map } = createRedactor();
    expect(restore(redact(many), map())).toBe(many);
  });
});
