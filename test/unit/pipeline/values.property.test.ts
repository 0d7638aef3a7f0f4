import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest, idFrom } from '../../../shared/domain/ids.ts';
import { addMoney, compareDecimals, formatMoney, sumDecimals } from '../../../shared/domain/money.ts';
import { toEnvelope } from '../../../shared/envelope.ts';
import { AppError } from '../../../shared/errors.ts';
import { readJson } from '../../../shared/http/body.ts';
import { outboxKey, outboxOf, prepareEmit, prepareSend } from '../../../shared/pipeline/outbox.ts';
import type { Json } from '../../../shared/ports/store.ts';
import { fromTraceparent, startSpan } from '../../../shared/trace.ts';

const RUNS = { numRuns: 300 };

/** An amount as text, with the same in whole 10^-12 units. Half of what fits, so that sums of some fit as well. */
const Amount = fc
  .record({ whole: fc.bigInt(0n, 10n ** 16n), fraction: fc.stringMatching(/^\d{0,12}$/), negative: fc.boolean() })
  .map(({ whole, fraction, negative }) => {
    const units = whole * 10n ** 12n + BigInt(fraction.padEnd(12, '0'));
    return {
      text: `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`,
      units: negative ? -units : units,
    };
  });
const unitsOf = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(12, '0'));
  return text.startsWith('-') ? -units : units;
};
const usd = (amount: string) => ({ amount, currency: 'USD' as const });

describe('money', () => {
  it('sums are those of integer arithmetic', () => {
    fc.assert(
      fc.property(fc.array(Amount, { maxLength: 20 }), (amounts) => {
        const sum = sumDecimals(amounts.map(({ text }) => text));
        expect(unitsOf(sum)).toBe(amounts.reduce((total, { units }) => total + units, 0n));
        expect(sum).toMatch(/^(0|-?(?!0$)\d+(\.\d*[1-9])?)$/);
      }),
      RUNS,
    );
  });

  it('adding is associative and commutative', () => {
    fc.assert(
      fc.property(Amount, Amount, Amount, (a, b, c) => {
        const [x, y, z] = [usd(a.text), usd(b.text), usd(c.text)];
        expect(addMoney(addMoney(x, y), z)).toEqual(addMoney(x, addMoney(z, y)));
      }),
      RUNS,
    );
  });

  it('order is that of the integers', () => {
    fc.assert(
      fc.property(Amount, Amount, (a, b) => {
        expect(compareDecimals(a.text, b.text)).toBe(a.units < b.units ? -1 : a.units > b.units ? 1 : 0);
      }),
      RUNS,
    );
  });

  it('is shown to people within half a cent, halves away from zero', () => {
    fc.assert(
      fc.property(Amount, ({ text, units }) => {
        const [shown = ''] = formatMoney(usd(text)).split(' ');
        const difference = unitsOf(shown) - units;
        const away = units < 0n ? -difference : difference;
        expect(shown).toMatch(/^-?\d+\.\d\d$/);
        expect(away <= 5n * 10n ** 9n && away > -5n * 10n ** 9n).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('ids', () => {
  /** The same by other means: the low 130 bits of the first 17 bytes of SHA-256, five at a time from the low end. */
  const bits = (text: string): string => {
    const hex = createHash('sha256').update(text).digest('hex').slice(0, 34);
    const binary = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
    return Array.from({ length: 26 }, (_, i) =>
      'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number.parseInt(binary.slice(136 - 5 * (i + 1), 136 - 5 * i), 2)),
    ).join('');
  };
  const Parts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 });

  it('are the same for the same parts, in every process and release', () => {
    fc.assert(
      fc.property(Parts, (parts) => {
        expect(idFrom('tkt', ...parts)).toBe(`tkt_${bits(JSON.stringify(parts))}`);
      }),
      RUNS,
    );
    expect(digest('')).toBe(bits(''));
    // What is stored somewhere under an id must be found again by tomorrow's code.
    expect(idFrom('tkt', 'main', 'http key_1', 'order-17')).toBe(STORED);
  });

  it('differ for other parts, also where the same text is cut elsewhere', () => {
    fc.assert(
      fc.property(Parts, Parts, (a, b) => {
        expect(idFrom('tkt', ...a) === idFrom('tkt', ...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      RUNS,
    );
    expect(idFrom('tkt', 'ab', 'c')).not.toBe(idFrom('tkt', 'a', 'bc'));
  });
});

describe('envelopes', () => {
  const Data = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json); // JSON by construction
  const Name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
  const Partition = fc.tuple(Name, Name, fc.string({ minLength: 1, maxLength: 40 })).map((parts) => parts.join('/'));

  it('arrive as they left, with workspace, trace, subject and the outbox row they came from', () => {
    fc.assert(
      fc.property(Name, Name, Partition, fc.string(), Data, (queue, workspace, partition, subject, data) => {
        const trace = startSpan(undefined);
        const origin = { workspace, partition, source: 'test', trace, now: 1_700_000_000_000 };
        const { row, write, leavesNow } = prepareSend({ to: queue, subject, data }, origin);
        const envelope = toEnvelope(row.body);
        expect([leavesNow, envelope.id, envelope.type]).toEqual([true, row.id, `trifold.${queue}.v1`]);
        expect([envelope.workspace, envelope.subject ?? '', envelope.data]).toEqual([workspace, subject, data]);
        expect(fromTraceparent(envelope.traceparent)).toEqual(trace);
        expect(outboxOf(envelope)).toEqual({ partition, key: write.key });
        expect(write.key).toBe(outboxKey(row.id));
      }),
      RUNS,
    );
  });

  it('of events and timers name no outbox row: nobody but the sweeper removes it', () => {
    fc.assert(
      fc.property(Name, Partition, Data, (name, partition, data) => {
        const origin = { workspace: 'main', partition, source: 'test', trace: startSpan(undefined), now: 1_000 };
        const event = prepareEmit({ type: name, subject: '', data }, origin);
        const timer = prepareSend({ to: name, data, at: 2_000, name: 'later' }, origin);
        for (const { row } of [event, timer]) expect(outboxOf(toEnvelope(row.body))).toBeUndefined();
        expect([event.leavesNow, timer.leavesNow, timer.write.key]).toEqual([true, false, outboxKey('later')]);
      }),
      RUNS,
    );
  });
});

describe('bodies', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  const nested = (depth: number, inner: unknown): unknown => {
    let value = inner;
    for (let level = 0; level < depth; level++) value = level % 2 ? { '[{"': value } : [value, '}]\\"'];
    return value;
  };
  const read = (text: string) =>
    readJson(
      new Request('http://desk/', { method: 'POST', headers: { 'content-type': 'application/json' }, body: text }),
    );

  it('are read whole when JSON.parse finds at most 64 levels, and refused when it finds more', async () => {
    const value = fc
      .tuple(fc.integer({ min: 0, max: 90 }), fc.jsonValue())
      .map(([depth, inner]) => nested(depth, inner));
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(0, 2), async (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const parsed: unknown = JSON.parse(text);
        if (depthOf(parsed) <= 64) expect(await read(text)).toEqual(parsed);
        else await expect(read(text)).rejects.toMatchObject({ code: 'bad_request', status: 400 });
      }),
      RUNS,
    );
  });

  it('of any text give what JSON.parse gives, or a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'[]{}",:\\0a1 \u00e9\ud83d') }), async (text) => {
        // As it arrives: half a surrogate pair cannot be sent.
        const sent = new TextDecoder().decode(new TextEncoder().encode(text));
        const outcome = await read(text).catch((error: unknown) => error);
        if (outcome instanceof AppError) expect(outcome.status).toBe(400);
        else expect(outcome).toEqual(JSON.parse(sent));
      }),
      RUNS,
    );
  });
});

/** Made by the release that wrote the first ids. */
const STORED = 'tkt_jusgtuki7qo7a4n2dxxnbd34iq';
