import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalObjects, openObjects } from '../../shared/clouds/local/objects.ts';
import { sealer } from '../../shared/clouds/local/sealing.ts';
import { openVault } from '../../shared/clouds/local/vault.ts';
import { ConflictError } from '../../shared/errors.ts';
import { bytesOf } from './objects.ts';
import { type ManualClock, manualClock, rejection } from './support.ts';

let folder: string;
let clock: ManualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trifold-files-'));
  clock = manualClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the local vault', () => {
  const path = (): string => join(folder, 'secrets', 'vault');
  const open = () => openVault(path(), clock);

  it('keeps secrets over a restart, in files that only their owner reads', async () => {
    const { version } = await open().put('aws/key', 'value-1');
    expect(await open().get('aws/key')).toEqual({ value: 'value-1', version });
    for (const file of [path(), `${path()}.key`, `${path()}.lock`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'secrets')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('shows neither values nor names in its file', async () => {
    const value = randomBytes(16).toString('hex');
    await open().put('customer/key', value);
    const file = readFileSync(path(), 'latin1');
    for (const text of [value, Buffer.from(value).toString('base64').slice(0, 20), 'customer'])
      expect(file).not.toContain(text);
  });

  it('seals the same secret differently each time', async () => {
    await open().put('a', 'value');
    const before = readFileSync(path());
    await open().delete('a');
    await open().put('a', 'value');
    expect(readFileSync(path()).equals(before)).toBe(false);
  });

  it('opens no file of which a single bit was changed', async () => {
    await open().put('a', 'value');
    const file = readFileSync(path());
    for (let at = 0; at < file.length; at += 7) {
      const changed = Buffer.from(file);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(path(), changed);
      expect(await rejection(open().get('a'))).toMatchObject({ code: 'vault_damaged', retryable: false });
    }
  });

  it('opens no file that was cut or emptied, and does not write over it', async () => {
    await open().put('a', 'value');
    const file = readFileSync(path());
    for (const length of [0, 5, file.length - 1]) {
      writeFileSync(path(), file.subarray(0, length));
      expect(await rejection(open().get('a'))).toMatchObject({ code: 'vault_damaged' });
      expect(await rejection(open().put('b', 'value'))).toMatchObject({ code: 'vault_damaged' });
    }
  });

  it('opens nothing with another key, and makes no new one for an old file', async () => {
    await open().put('a', 'value');
    writeFileSync(`${path()}.key`, randomBytes(32).toString('base64'));
    expect(await rejection(open().get('a'))).toMatchObject({ code: 'vault_damaged' });
    rmSync(`${path()}.key`);
    expect(open).toThrow(
      expect.objectContaining({ code: 'vault_key_missing', message: expect.stringContaining('.key') }),
    );
  });

  it('refuses a key file that others can read', async () => {
    await open().put('a', 'value');
    chmodSync(`${path()}.key`, 0o644);
    expect(open).toThrow(expect.objectContaining({ code: 'key_file', message: expect.stringContaining('chmod 600') }));
  });

  it('binds what is sealed to its name, its version and its purpose', () => {
    const key = randomBytes(32);
    const sealed = sealer(key, 'vault value').seal(Buffer.from('value'), '["a","1"]');
    expect(sealer(key, 'vault value').open(sealed, '["a","1"]').toString()).toBe('value');
    expect(() => sealer(key, 'vault value').open(sealed, '["b","1"]')).toThrow();
    expect(() => sealer(key, 'vault value').open(sealed, '["a","2"]')).toThrow();
    expect(() => sealer(key, 'vault file').open(sealed, '["a","1"]')).toThrow();
  });

  it('drops values past their overlap from the file, whichever secret changes next', async () => {
    const vault = open();
    await vault.put('a', 'x'.repeat(20_000));
    await vault.put('a', 'y', { keepPreviousMs: 1_000 });
    expect(statSync(path()).size).toBeGreaterThan(20_000);
    clock.advance(1_000);
    await vault.put('b', 'z');
    expect(statSync(path()).size).toBeLessThan(1_000);
  });
});

describe('the local objects', () => {
  let objects: LocalObjects;
  const opened: LocalObjects[] = [];
  const open = (name = 'objects'): LocalObjects => {
    const each = openObjects(join(folder, name), clock, { baseUrl: 'http://127.0.0.1:8080' });
    opened.push(each);
    return each;
  };
  const contents = (): string[] => readdirSync(join(folder, 'objects', 'contents'));
  beforeEach(() => {
    objects = open();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close?.();
  });

  it('leaves no file behind of what was replaced, refused, broken or deleted', async () => {
    await objects.put('a', '1');
    await objects.put('a', '2');
    await rejection(objects.put('a', '3', { if: 'absent' }));
    await rejection(
      objects.put('b', new ReadableStream({ start: (controller) => controller.error(new Error('broken')) })),
    );
    expect(contents()).toHaveLength(1);
    await objects.delete('a');
    expect(contents()).toEqual([]);
  });

  it('lets a reader finish what was replaced or deleted meanwhile', async () => {
    const before = randomBytes(2_000_000);
    await objects.put('a', before);
    const [one, two] = [await objects.get('a'), await objects.get('a')];
    await objects.put('a', 'after');
    expect((await bytesOf(one)).equals(before)).toBe(true);
    await objects.delete('a');
    expect((await bytesOf(two)).equals(before)).toBe(true);
  });

  it('decides races between processes, and keeps objects over a restart', async () => {
    const other = open();
    const settled = await Promise.allSettled(
      [objects, other].map((each, i) => each.put('a', `${i}`, { if: 'absent' })),
    );
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const each of settled) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ConflictError);
    expect((await open().head('a'))?.size).toBe(1);
    expect(contents()).toHaveLength(1);
  });

  it('removes what a crash left behind, a day later, and nothing else', async () => {
    await objects.put('a', '1');
    const [used = ''] = contents();
    const [old, young] = [randomUUID(), randomUUID()];
    for (const name of [old, young]) writeFileSync(join(folder, 'objects', 'contents', name), 'left behind');
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    for (const name of [used, old]) utimesSync(join(folder, 'objects', 'contents', name), longAgo, longAgo);
    await open().close?.();
    opened.pop();
    expect(contents().sort()).toEqual([used, young].sort());
  });

  it('verifies a link after a restart, with or without the host', async () => {
    const link = await objects.signedLink('a/b c.csv', 60, { fileName: 'c.csv' });
    const expected = { key: 'a/b c.csv', fileName: 'c.csv' };
    expect(open().verifyLink(link, clock.now())).toEqual(expected);
    expect(objects.verifyLink(new URL(link).pathname + new URL(link).search, clock.now())).toEqual(expected);
  });

  it('refuses a link of which anything was changed, of another place, or without end', async () => {
    const link = await objects.signedLink('a', 60, { fileName: 'x.csv' });
    const changed = [
      link.replace('/objects/a', '/objects/b'),
      link.replace('x.csv', 'y.csv'),
      link.replace(/expires=\d/, 'expires=9'),
      link.replace(/&file=[^&]*/, ''),
      link.replace(/signature=.{4}/, 'signature=AAAA'),
      link.replace(/signature=.*/, 'signature='),
      link.replace(/&signature=.*/, ''),
      link.replace('/objects/', '/other/'),
      `${link}AAAA`,
      link.replace('/objects/a', '/objects/%E0%A4%A'),
      'no link at all',
      '',
    ];
    expect(objects.verifyLink(link, clock.now())).toBeDefined();
    for (const each of changed) expect(objects.verifyLink(each, clock.now())).toBeUndefined();
    expect(open('elsewhere').verifyLink(link, clock.now())).toBeUndefined();
    expect(objects.verifyLink(link, clock.now() + 61_000)).toBeUndefined();
  });
});
