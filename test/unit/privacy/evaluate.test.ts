import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluatePii, kindOf } from '../../../shared/privacy/evaluate.ts';

const data = new URL('../../../../shared/data/pii/presidio-synth-300.json', import.meta.url);
const span = (entity_type: string, start_position: number, end_position: number) => ({
  entity_type,
  start_position,
  end_position,
});

describe('evaluation of personal data', () => {
  test('a missed span weighs more than a wrong one', () => {
    const rows = [
      { full_text: 'jane@example.com', spans: [span('EMAIL_ADDRESS', 0, 16)] },
      { full_text: 'joe@example.com', spans: [] },
      { full_text: 'nothing here', spans: [span('PHONE_NUMBER', 0, 7)] },
    ];
    expect(evaluatePii(rows)).toEqual({
      precision: 0.5,
      recall: 0.5,
      f2: 0.5,
      byKind: {
        email: { precision: 0.5, recall: 1, f2: 5 / 6, expected: 1, found: 2, matched: 1 },
        phone: { precision: 1, recall: 0, f2: 0, expected: 1, found: 0, matched: 0 },
        card: { precision: 1, recall: 1, f2: 1, expected: 0, found: 0, matched: 0 },
        iban: { precision: 1, recall: 1, f2: 1, expected: 0, found: 0, matched: 0 },
        ip: { precision: 1, recall: 1, f2: 1, expected: 0, found: 0, matched: 0 },
        'us-ssn': { precision: 1, recall: 1, f2: 1, expected: 0, found: 0, matched: 0 },
      },
    });
  });

  test('half of what both cover is enough, less is not', () => {
    const judge = (start: number, end: number) =>
      evaluatePii([{ full_text: 'to jane@example.com', spans: [span('EMAIL', start, end)] }]).recall;
    expect([judge(3, 19), judge(3, 11), judge(3, 10), judge(0, 19)]).toEqual([1, 1, 0, 1]);
  });

  test('positions count code points, as Python does', () => {
    expect(evaluatePii([{ full_text: '😀😀😀😀😀😀 48.90.248.226', spans: [span('IP_ADDRESS', 7, 20)] }]).recall).toBe(
      1,
    );
  });

  test('names of data sets are understood, others are not looked for', () => {
    expect(['US_SSN', 'CreditCardNumber', 'ip_address', 'PERSON', 'AGE'].map(kindOf)).toEqual([
      'us-ssn',
      'card',
      'ip',
      'name',
      undefined,
    ]);
  });

  test('on the development texts', (ctx) => {
    if (!existsSync(data)) return ctx.skip('../shared/data/pii is absent');
    const { f2, byKind } = evaluatePii(JSON.parse(readFileSync(data, 'utf8')));
    console.log(
      `personal data: F2 ${f2.toFixed(3)}; names ${byKind.name?.f2.toFixed(3)}, addresses ${byKind.address?.f2.toFixed(3)}`,
    );
    expect(f2).toBeGreaterThanOrEqual(0.9);
  });
});
