import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findPersonalData } from '../../../shared/privacy/find.ts';

const found = (text: string) => findPersonalData(text).map(({ kind, value }) => `${kind} ${value}`);

describe('personal data', () => {
  test.each([
    // e-mail
    ['Mail Jane.Doe+desk@mail.example.co.uk, please', ['email Jane.Doe+desk@mail.example.co.uk']],
    ['jörg@müller.de and <a@b.example>', ['email jörg@müller.de', 'email a@b.example']],
    ['https://app.example/?email=jane@example.com&x=1', ['email jane@example.com']],
    ['ｊａｎｅ＠example．com', ['email ｊａｎｅ＠example．com']],
    // phone
    ['+41 (0)62 585 51 90', ['phone +41 (0)62 585 51 90']],
    ['(540) 392-6876 or 540.392.6876', ['phone (540) 392-6876', 'phone 540.392.6876']],
    ['001-540-392-6876x1234', ['phone 001-540-392-6876x1234']],
    ['Fax: 358 0594', ['phone 358 0594']],
    ['call me on 5403926876 today', ['phone 5403926876']],
    ['0489 25 37 29', ['phone 0489 25 37 29']],
    ['01.23.45.67.89', ['phone 01.23.45.67.89']],
    ['737 219 628 mobile', ['phone 737 219 628']],
    ['+٤٩ ١٥١ ٢٣٤٥٦٧٨٩', ['phone +٤٩ ١٥١ ٢٣٤٥٦٧٨٩']],
    // cards, accounts
    ['card 4111 1111 1111 1111 123', ['card 4111 1111 1111 1111']],
    ['5555‑5555‑5555‑4444', ['card 5555‑5555‑5555‑4444']],
    ['4111​111111111111', ['card 4111​111111111111']],
    ['amex 378282246310005', ['card 378282246310005']],
    ['IBAN GB82 WEST 1234 5698 7654 32 please', ['iban GB82 WEST 1234 5698 7654 32']],
    ['de89370400440532013000', ['iban de89370400440532013000']],
    // national ids
    ['SSN 536-22-1234', ['us-ssn 536-22-1234']],
    ['my social security number is 536221234', ['us-ssn 536221234']],
    ['NHS number 943 476 5919', ['national-id 943 476 5919']],
    ['NINO AB 12 34 56 C', ['national-id AB 12 34 56 C']],
    ['Steuer-ID 86 095 742 719', ['national-id 86 095 742 719']],
    ['DNI 12345678Z, NIE X1234567L', ['national-id 12345678Z', 'national-id X1234567L']],
    ['NIR 2 55 08 14 168 025 38', ['national-id 2 55 08 14 168 025 38']],
    ['codice fiscale RSSMRA85T10A562S', ['national-id RSSMRA85T10A562S']],
    ['CPF 529.982.247-25', ['national-id 529.982.247-25']],
    ['BSN 111222333', ['national-id 111222333']],
    ['PESEL 44051401359', ['national-id 44051401359']],
    ['811228-9874', ['national-id 811228-9874']],
    ['131052-308T', ['national-id 131052-308T']],
    ['85.07.30-033.28', ['national-id 85.07.30-033.28']],
    ['756.9217.0769.85', ['national-id 756.9217.0769.85']],
    ['SIN 046 454 286', ['national-id 046 454 286']],
    ['TFN 123 456 782', ['national-id 123 456 782']],
    ['Aadhaar 2363 4567 8909', []],
    ['11010519491231002X', ['national-id 11010519491231002X']],
    ["driver's license number is 5130634", ['document 5130634']],
    // network
    ['from 48.90.248.226:8080', ['ip 48.90.248.226']],
    ['2001:db8:85a3::8a2e:370:7334', ['ip 2001:db8:85a3::8a2e:370:7334']],
    ['00:1A:2b:3c:4d:5e', ['mac 00:1A:2b:3c:4d:5e']],
    ['postgres://app:hunter2@db.example:5432/main', ['url postgres://app:hunter2@db.example:5432/main']],
    // people
    ['Hi Anna,\nthe bill is wrong.\n\nKind regards,\nJörg van der Berg\nAcme', ['name Anna', 'name Jörg van der Berg']],
    ['My name is Maria Lopez.', ['name Maria Lopez']],
    ['Date of birth: 3/13/1956', ['birth-date 3/13/1956']],
    ['born on 12 March 1980', ['birth-date 12 March 1980']],
    ['send it to 2437 Main Street, Suite 442', ['address 2437 Main Street, Suite 442']],
    ['Rue de Piétrain 371', ['address Rue de Piétrain 371']],
    ['Hauptstraße 12a, 10115 Berlin', ['address Hauptstraße 12a, 10115 Berlin']],
    // passwords
    ['password: hunter2.', ['secret hunter2']],
    ['my password is "correct horse"', ['secret correct horse']],
    ['DB_PASSWORD=s3cr3t!x', ['secret s3cr3t!x']],
    ['das Passwort ist Sommer2024', ['secret Sommer2024']],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test.each([
    'order number 5403926876',
    'ticket #1234567890 of 2026-03-04 12:45:18',
    '2026-03-04T12:45:18.123Z',
    'invoice 2024-0012345, INV-2041, PO 4500012345',
    'version 10.0.190.38 and v1.2.3.4',
    'port 5432, pid 12345, exit 137',
    'timestamp 1700000000, 1700000000123 ms, 20240501123045',
    'card 4111 1111 1111 1112',
    'GB82 WEST 1234 5698 7654 33',
    'EAN 4006381333931',
    '000-12-3456, 666-12-3456, 123-00-4567, 123-45-0000',
    'DNI 12345678A, CPF 529.982.247-26, codice RSSMRA85T10A562T',
    'uuid 123e4567-e89b-12d3-a456-426614174000',
    'tracking 1Z999AA10123456784, sha 9fceb02d0ae598e95dc970b74767f193',
    'react@19.2.0, git@github.com:a/b.git, user@localhost, @mention',
    'std::vector, A::B, 12:45:18, 127.0.0.1, 255.255.255.0, 256.1.1.1',
    '1,234,567.00 EUR, 1.234.567 rows, 134217728 bytes, 99.99 %',
    'reset my password, the password is wrong, my token is expired, Password: required',
    'call 1234567 times, API call 1234567890 failed, support is 24/7 365',
    'Dear Support Team,\nit works.\n\nThanks,\nThe Team',
    '52.520008, 13.404954',
  ])('nothing in %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  const random = (bytes: number) => randomBytes(bytes).toString('hex');
  const letters = (length: number) =>
    Array.from(randomBytes(length), (byte) => String.fromCharCode(65 + (byte % 26))).join('');
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const pem = (kind: string) => `-----BEGIN ${kind} KEY-----\n${random(32)}\n${random(32)}\n-----END ${kind} KEY-----`;
  // Made here, so that no file holds anything that looks real.
  const SECRETS: Readonly<Record<string, () => string>> = {
    'AWS access key': () => `AK${'IA'}${letters(16)}`,
    'Azure storage key': () => `${'A'.repeat(10)}${random(38)}==`,
    'Google API key': () => `AI${'za'}${random(18).slice(0, 35)}`,
    'GitHub token': () => `gh${'p_'}${random(18)}`,
    'GitLab token': () => `gl${'pat-'}${random(10)}`,
    'Slack token': () => `xo${'xb-'}${random(12)}`,
    'Stripe key': () => `sk${'_live_'}${random(12)}`,
    'SendGrid key': () => `SG${'.'}${random(11)}.${`${random(22)}`.slice(0, 43)}`,
    'npm token': () => `np${'m_'}${random(18)}`,
    'our own key': () => `tf${'_main_'}${random(22).slice(0, 43)}`,
    'web token': () => `${base64url({ alg: 'none' })}.${base64url({ sub: random(8) })}.${random(16)}`,
    'private key': () => pem('RSA PRIVATE'),
  };

  test.each(Object.entries(SECRETS))('%s, wherever it stands', (_, make) => {
    const secret = make();
    expect(found(`see ${secret} here`)).toEqual([`secret ${secret}`]);
    expect(found(`{"k":"${secret}"}`)).toEqual([`secret ${secret}`]);
  });

  test('secrets of connection strings, signed links and headers', () => {
    const value = random(20);
    expect(found(`Endpoint=sb://x.example/;SharedAccessKeyName=a;SharedAccessKey=${value}`)).toEqual([
      `secret ${value}`,
    ]);
    expect(found(`https://x.example/c?se=2026&sig=${value}`)).toEqual([`secret ${value}`]);
    expect(found(`Authorization: Bearer ${value}`)).toEqual([`secret ${value}`]);
    expect(found(`{"private_key_id": "${value}"}`)).toEqual([`secret ${value}`]);
  });

  test('positions quote the text as written', () => {
    const text = '😀 mail​ me: jane@example.com, card ４１１１ 1111 1111 1111';
    for (const { start, end, value } of findPersonalData(text)) expect(text.slice(start, end)).toBe(value);
    expect(found(text)).toEqual(['email jane@example.com', 'card ４１１１ 1111 1111 1111']);
  });

  // Quadratic time would take minutes for a megabyte, and the test's limit is seconds.
  test.each([
    '1',
    '1 ',
    '@',
    'a@',
    'a.',
    '(1',
    '::',
    'eyJ',
    'http://a:',
    'password is ',
    'Anna ',
    '12 Anna ',
    '１',
    'Hi ',
  ])('takes a megabyte of %j', (unit) => {
    expect(Array.isArray(findPersonalData(unit.repeat(1_000_000 / unit.length)))).toBe(true);
  });
});
