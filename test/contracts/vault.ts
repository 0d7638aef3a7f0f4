import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError, LimitError, UnavailableError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { DEFAULT_OVERLAP_MS, type Vault } from '../../shared/ports/vault.ts';
import { type Faults, type ManualClock, manualClock, rejection, type SuiteOptions, suite, unique } from './support.ts';

export interface OpenedVault {
  readonly vault: Vault;
  close(): Promise<void>;
}
/** The adapter must take its time from `clock` alone: advancing it ends the overlap of replaced versions. */
export type OpenVault = (options: { clock: Clock }) => Promise<OpenedVault>;

const secretValue = (): string => `v-${randomBytes(18).toString('hex')}`;

/** An error as a careless log line would print it, with causes and hidden fields. */
const printed = (error: unknown): string =>
  [
    String(error),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    inspect(error, { depth: 12, showHidden: true }),
  ].join('\n');

/** What every vault promises (`shared/ports/vault.ts`). */
export function vaultContract(name: string, open: OpenVault, options: SuiteOptions = {}): void {
  suite(`vault contract: ${name}`, options, () => {
    let vault: Vault;
    let clock: ManualClock;
    let secret: string;
    let close = async () => {};
    beforeAll(async () => {
      clock = manualClock();
      ({ vault, close } = await open({ clock }));
    });
    afterAll(() => close());
    beforeEach(() => {
      secret = unique('ws/contract/key');
    });

    it('has nothing under a name that nobody used', async () => {
      expect(await vault.get(secret)).toBeUndefined();
      expect(await vault.get(secret, '1')).toBeUndefined();
      expect(await vault.versions(secret)).toEqual([]);
    });

    it('returns what was put, currently and by version', async () => {
      const value = secretValue();
      const { version } = await vault.put(secret, value);
      expect(await vault.get(secret)).toEqual({ value, version });
      expect(await vault.get(secret, version)).toEqual({ value, version });
    });

    it.each([
      ['many scripts', 'naïve · 日本語 · 🔑'],
      ['line breaks and spaces around', ' \n a\r\nb\t '],
      ['JSON', '{"user":"a","password":"\\"b\\""}'],
      ['25,000 bytes', 'x'.repeat(25_000)],
    ])('keeps a value of %s to the byte', async (_, value) => {
      await vault.put(secret, value);
      expect((await vault.get(secret))?.value).toBe(value);
    });

    it('keeps the value before readable by its version until the overlap is over', async () => {
      const [before, after] = [secretValue(), secretValue()];
      const first = await vault.put(secret, before);
      const second = await vault.put(secret, after, { keepPreviousMs: 60_000 });
      expect(second.version).not.toBe(first.version);
      expect(await vault.get(secret)).toEqual({ value: after, version: second.version });
      clock.advance(59_000);
      expect(await vault.get(secret, first.version)).toEqual({ value: before, version: first.version });
      clock.advance(1_000);
      expect(await vault.get(secret, first.version)).toBeUndefined();
      expect(await vault.get(secret)).toEqual({ value: after, version: second.version });
    });

    it('keeps it for a day unless told otherwise', async () => {
      const { version } = await vault.put(secret, secretValue());
      await vault.put(secret, secretValue());
      clock.advance(DEFAULT_OVERLAP_MS - 1_000);
      expect(await vault.get(secret, version)).toBeDefined();
      clock.advance(1_000);
      expect(await vault.get(secret, version)).toBeUndefined();
    });

    it('keeps nothing of the value before when told so', async () => {
      const { version } = await vault.put(secret, secretValue());
      await vault.put(secret, secretValue(), { keepPreviousMs: 0 });
      expect(await vault.get(secret, version)).toBeUndefined();
      expect(await vault.versions(secret)).toHaveLength(1);
    });

    it('lists versions newest first, each with its own end, and drops them after it', async () => {
      const made: string[] = [];
      made.unshift((await vault.put(secret, secretValue())).version);
      clock.advance(1_000);
      made.unshift((await vault.put(secret, secretValue(), { keepPreviousMs: 100_000 })).version);
      const firstEnds = clock.now() + 100_000;
      clock.advance(1_000);
      made.unshift((await vault.put(secret, secretValue(), { keepPreviousMs: 10_000 })).version);
      const listed = await vault.versions(secret);
      expect(listed.map(({ version }) => version)).toEqual(made);
      expect(listed[0]).not.toHaveProperty('expiresAt');
      expect(listed[2]?.expiresAt).toBe(firstEnds);
      for (const each of listed) expect(each.createdAt).toEqual(expect.any(Number));
      clock.advance(10_000);
      expect((await vault.versions(secret)).map(({ version }) => version)).toEqual([made[0], made[2]]);
      clock.advance(100_000);
      expect((await vault.versions(secret)).map(({ version }) => version)).toEqual([made[0]]);
    });

    it('deletes every version, without complaint also what is not there, and starts anew', async () => {
      const { version } = await vault.put(secret, secretValue());
      await vault.put(secret, secretValue());
      await vault.delete(secret);
      await vault.delete(secret);
      expect(await vault.get(secret)).toBeUndefined();
      expect(await vault.get(secret, version)).toBeUndefined();
      expect(await vault.versions(secret)).toEqual([]);
      const again = secretValue();
      await vault.put(secret, again);
      expect((await vault.get(secret))?.value).toBe(again);
      expect(await vault.versions(secret)).toHaveLength(1);
    });

    it('does not know versions that never were', async () => {
      await vault.put(secret, secretValue());
      for (const version of ['no-such-version', '999999', '00000000-0000-0000-0000-000000000000'])
        expect(await vault.get(secret, version)).toBeUndefined();
    });

    it('ends with one of the values put at the same time', async () => {
      const values = Array.from({ length: 5 }, secretValue);
      const made = await Promise.all(values.map((value) => vault.put(secret, value)));
      expect(new Set(made.map(({ version }) => version)).size).toBe(5);
      const current = await vault.get(secret);
      expect(made.map(({ version }, i) => ({ version, value: values[i] }))).toContainEqual(current);
    });

    it.each(['', '-a', '/a', '.hidden', 'a b', 'a.b', '../a', 'é', 'a'.repeat(121)])(
      'refuses the name "%s" without showing the value',
      async (wrong) => {
        const value = secretValue();
        const error = await rejection(vault.put(wrong, value));
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ retryable: false });
        expect(printed(error)).not.toContain(value);
      },
    );

    it('refuses a value over 25 kB, counted as UTF-8, without showing it', async () => {
      const value = `${secretValue()}${'é'.repeat(13_000)}`;
      const error = await rejection(vault.put(secret, value));
      expect(error).toBeInstanceOf(LimitError);
      expect(printed(error)).not.toContain(value.slice(0, 30));
      expect(await vault.get(secret)).toBeUndefined();
    });
  });
}

/** What a vault promises when the network or the cloud does not. Time-outs should be set to a second or less. */
export function vaultFaultContract(
  name: string,
  open: (options: { clock: Clock }) => Promise<OpenedVault & { readonly faults: Faults }>,
  options: SuiteOptions = {},
): void {
  suite(`vault under faults: ${name}`, options, () => {
    let vault: Vault;
    let faults: Faults;
    let close = async () => {};
    beforeAll(async () => {
      ({ vault, faults, close } = await open({ clock: manualClock() }));
    });
    afterEach(() => faults.heal());
    afterAll(() => close());

    it.each([
      ['the connection is refused', () => faults.refuse(), 'none'],
      ['the answer is cut', () => faults.resetMidAnswer(), 'unknown'],
      ['no answer comes', () => faults.timeoutAfterEffect(), 'unknown'],
      ['it is throttled without end', () => faults.throttle(1_000_000), 'none'],
    ] as const)('is unavailable, and shows no value, when %s', async (_, fault, outcome) => {
      const [secret, value] = [unique('faults/key'), secretValue()];
      await fault();
      const error = await rejection(vault.put(secret, value));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome });
      expect(printed(error)).not.toContain(value);
      expect(printed(error)).not.toContain(Buffer.from(value).toString('base64').slice(0, 24));
      expect(await rejection(vault.get(secret))).toBeInstanceOf(UnavailableError);
    });

    it('tries again when throttled', async () => {
      const [secret, value] = [unique('faults/key'), secretValue()];
      await faults.throttle(2, 1);
      await vault.put(secret, value);
      expect(faults.throttled()).toBe(2);
      expect((await vault.get(secret))?.value).toBe(value);
    });

    it('says that credentials have expired, and shows no value', async (ctx) => {
      if (!faults.expireCredentials) return ctx.skip('this edge knows no credentials');
      await faults.expireCredentials();
      const value = secretValue();
      const error = await rejection(vault.put(unique('faults/key'), value));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'credentials', retryable: false });
      expect(printed(error)).not.toContain(value);
    });
  });
}
