import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts with AES-256-GCM; `context` is authenticated with it, so that a sealed text cannot be moved elsewhere. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Buffer;
  /** Throws when the text, its context or the key is not what it was. */
  open(sealed: Uint8Array, context: string): Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A sealer of its own for each purpose, derived from one key (HKDF, RFC 5869). */
export function sealer(key: Uint8Array, purpose: string): Sealer {
  const derived = Buffer.from(hkdfSync('sha256', key, '', `trifold ${purpose}`, 32));
  return {
    seal: (plain, context) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, derived, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
      return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      const iv = sealed.subarray(0, IV_BYTES);
      const text = sealed.subarray(IV_BYTES, -TAG_BYTES);
      const decipher = createDecipheriv(ALGORITHM, derived, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(text), decipher.final()]);
    },
  };
}
