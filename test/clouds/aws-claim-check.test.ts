import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLAIM_CHECK_TYPE, fromClaimCheck, toClaimCheck } from '../../shared/claim-check.ts';
import { createObjects } from '../../shared/clouds/aws/objects.ts';

import { PermanentError } from '../../shared/errors.ts';
import type { Objects } from '../../shared/ports/objects.ts';
import { rejection } from '../contracts/support.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { newBucket, toMoto } from '../peers/aws-openers.ts';

const { moto, missing } = await startMotoIfThere();
afterAll(() => moto?.stop());

describe.skipIf(missing)(`a claim check${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let objects: Objects;
  beforeAll(async () => {
    const url = moto?.url ?? '';
    objects = createObjects({ ...toMoto(url), bucket: await newBucket(url) });
  });
  afterAll(() => objects?.close?.());

  const message = { id: 'msg_1', body: JSON.stringify({ id: 'msg_1', data: 'ü'.repeat(1_000) }) };
  const pointerTo = (data: object) => JSON.stringify({ id: 'x', type: CLAIM_CHECK_TYPE, data });

  it('leaves a body alone that is just small enough, counted as UTF-8', async () => {
    const bytes = Buffer.byteLength(message.body);
    expect(await toClaimCheck(message, objects, bytes)).toBe(message);
    expect(await toClaimCheck(message, objects, bytes - 1)).not.toEqual(message);
  });

  it('brings a large body back, as often as the pointer is delivered', async () => {
    const pointer = await toClaimCheck(message, objects, 100);
    expect(pointer.id).toBe('msg_1');
    expect(JSON.parse(pointer.body)).toMatchObject({ specversion: '1.0', id: 'msg_1', type: CLAIM_CHECK_TYPE });
    for (const _ of ['delivered', 'delivered again'])
      expect(await fromClaimCheck(pointer.body, objects)).toBe(message.body);
  });

  it('takes a body that only speaks of claim checks, or is no JSON, for itself', async () => {
    for (const body of [JSON.stringify({ type: 'x.v1', data: CLAIM_CHECK_TYPE }), `{${CLAIM_CHECK_TYPE}`, '', 'null'])
      expect(await fromClaimCheck(body, objects)).toBe(body);
  });

  it('opens no other object of the desk', async () => {
    await objects.put('exports/private', 'private');
    const sha256 = createHash('sha256').update('private').digest('hex');
    for (const data of [{ key: 'exports/private', sha256 }, { key: `claim-checks/../exports/private`, sha256 }, {}])
      expect(await rejection(fromClaimCheck(pointerTo(data), objects))).toMatchObject({ code: 'claim_check_invalid' });
  });

  it('never comes right when the body is gone or altered', async () => {
    const sha256 = 'a'.repeat(64);
    const pointer = pointerTo({ key: `claim-checks/${sha256}`, sha256 });
    const gone = await rejection(fromClaimCheck(pointer, objects));
    expect(gone).toBeInstanceOf(PermanentError);
    expect(gone).toMatchObject({ code: 'claim_check_missing' });
    await objects.put(`claim-checks/${sha256}`, 'something else');
    expect(await rejection(fromClaimCheck(pointer, objects))).toMatchObject({ code: 'claim_check_altered' });
  });
});
