import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractEntities, readDate } from '../../../../shared/models/offline/entities.ts';

const found = (text: string) =>
  extractEntities(text).map(({ kind, value, currency }) =>
    currency ? `${kind} ${value} ${currency}` : `${kind} ${value}`,
  );

describe('entities', () => {
  test.each([
    ['You took $1,299.00 and 49 EUR', ['amount 1299.00 USD', 'amount 49 EUR']],
    ['1.234,56 € or 1,000 dollars or £5', ['amount 1234.56 EUR', 'amount 1000 USD', 'amount 5 GBP']],
    ['INV-20931, invoice 4410 and invoice no. A-7712', ['invoice INV-20931', 'invoice 4410', 'invoice A-7712']],
    ['order 7781234, po-5521', ['order 7781234', 'order PO-5521']],
    ['transaction ch_3Nf81abc', ['transaction ch_3Nf81abc']],
    ['request id req_8f2c91 failed', ['request req_8f2c91']],
    [
      'on 2026-03-04, 3 June 2026, June 5th and yesterday',
      ['date 2026-03-04', 'date 2026-06-03', 'date June 5th', 'date yesterday'],
    ],
    ['write to Jane.Doe@acme.example!', ['email jane.doe@acme.example']],
    ['see https://app.example.com/x?y=1.', ['url https://app.example.com/x?y=1']],
    ['GET /v1/orders?page=2 gives a 502', ['apiPath /v1/orders?page=2', 'httpStatus 502']],
    ['503 errors and HTTP 429', ['httpStatus 503', 'httpStatus 429']],
    [
      'BKP-2031, E1042, ECONNRESET, TypeError, 0x80070643',
      ['errorCode BKP-2031', 'errorCode E1042', 'errorCode ECONNRESET', 'errorCode TypeError', 'errorCode 0x80070643'],
    ],
    ['Lambda cannot reach Cosmos DB', ['product Lambda', 'product Cosmos DB']],
    ['500 users, 404 apples, 200 seats', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test("finds one's own products, and characters of expressions in them are plain", () => {
    expect(
      extractEntities('Is Trifold (C++) slow?', { products: ['Trifold', '(C++)'] }).map(({ text }) => text),
    ).toEqual(['Trifold', '(C++)']);
  });

  test.each([
    ['2026-02-30', undefined],
    ['03/04/2026', undefined],
    ['04/04/2026', '2026-04-04'],
    ['12/31/2026', '2026-12-31'],
    ['31/12/2026', '2026-12-31'],
    ['03.06.2026', '2026-06-03'],
    ['1 Sept 2025', '2025-09-01'],
    ['June 5', undefined],
  ])('the date %s is %s', (written, iso) => {
    expect(readDate(written)).toBe(iso);
  });

  test('entities are quoted from the text, in order, and do not overlap', () => {
    const piece = fc.constantFrom(
      '$5',
      ' ',
      '@',
      'a@b.co',
      '/v1/x',
      'INV-1',
      '500',
      'error ',
      '3 June',
      'http://',
      'EUR ',
      '1.2,3',
      'E42',
      '-',
      'req_abcd',
      'S3',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          let end = 0;
          for (const entity of extractEntities(text)) {
            expect(text.slice(entity.start, entity.end)).toBe(entity.text);
            expect(entity.start).toBeGreaterThanOrEqual(end);
            end = entity.end;
          }
        },
      ),
    );
  });

  // Quadratic matching would take minutes here and run into the test's time-out.
  test.each([
    'a',
    '1',
    '1,',
    'a@',
    '/v1',
    ' ',
    'A-1',
    '$',
    'GET /',
    're_',
    '1.2.3',
    'http://',
    'error code ',
    'invoice ',
  ])('a megabyte of %j is read in linear time', (unit) => {
    expect(extractEntities(unit.repeat(1_000_000 / unit.length)).length).toBeLessThanOrEqual(1_200);
  });

  test('no kind is found more often than the limit', () => {
    expect(extractEntities('$5 '.repeat(1_000), { limitPerKind: 3 })).toHaveLength(3);
  });
});
