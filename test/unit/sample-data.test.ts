import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { findDuplicates } from '../../functions/billing/rules.ts';
import { ArticleId, ArticleSchema } from '../../shared/domain/article.ts';
import { CustomerId, CustomerRecord, type Invoice } from '../../shared/domain/customer.ts';
import { TicketRequest } from '../../shared/domain/ticket.ts';
import { INTENTS } from '../../shared/domain/vocabulary.ts';
import { buildIndex, searchIndex } from '../../shared/knowledge/search.ts';
import { readCorpus } from '../../shared/models/offline/generate.ts';

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const SampleTicket = z.strictObject({
  ...TicketRequest.shape,
  expect: z.strictObject({ intents: z.array(z.enum(INTENTS)), outcome: z.enum(['closed', 'handed_over']) }),
});

const customers = z.record(CustomerId, CustomerRecord).parse(read('../../shared/providers/sample/data/customers.json'));
const articles = z.record(ArticleId, ArticleSchema).parse(read('../../shared/providers/sample/data/articles.json'));
const mix = z.array(SampleTicket).parse(read('../../events/mix.json'));

const invoices = Object.values(customers).flatMap((customer) => customer.invoices);
const payments = invoices.flatMap((invoice) => invoice.payments);
const repeated = (values: readonly string[]): string[] => values.filter((value, i) => values.indexOf(value) !== i);
const day = (iso: string): number => Date.parse(iso);

describe('the sample customers', () => {
  it('are 25 fictional ones whose mail addresses lead nowhere', () => {
    expect(Object.keys(customers)).toHaveLength(25);
    const foreign = Object.values(customers).filter(({ email }) => !email?.endsWith('.example.com'));
    expect(foreign).toEqual([]);
  });

  it('share no invoice, payment or subscription id', () => {
    const subscriptions = Object.values(customers).flatMap((customer) => customer.subscriptions);
    for (const rows of [invoices, payments, subscriptions]) expect(repeated(rows.map(({ id }) => id))).toEqual([]);
  });

  it('have two to six invoices of 2026 each, newest first, and renew in 2026 or 2027', () => {
    for (const [id, customer] of Object.entries(customers)) {
      const issued = customer.invoices.map(({ issuedAt }) => issuedAt);
      expect(issued.length, id).toBeGreaterThanOrEqual(2);
      expect(issued.length, id).toBeLessThanOrEqual(6);
      expect(issued, id).toEqual([...issued].sort().reverse());
      const odd = issued.filter((at) => !at.startsWith('2026-'));
      expect(odd, id).toEqual([]);
      for (const { renewsAt } of customer.subscriptions) if (renewsAt) expect(renewsAt, id).toMatch(/^202[67]-/);
    }
  });

  it('paid no invoice before it was issued, and what is paid has a payment', () => {
    const early = invoices.filter(({ issuedAt, payments }) => payments.some(({ at }) => day(at) < day(issuedAt)));
    expect(early.map(({ id }) => id)).toEqual([]);
    const succeeded = ({ payments }: Invoice) => payments.some(({ status }) => status === 'succeeded');
    expect(
      invoices.filter((invoice) => (invoice.status === 'paid') !== succeeded(invoice)).map(({ id }) => id),
    ).toEqual([]);
  });

  it('hold every case that billing knows: double charges, failed payments, open invoices, suspended accounts', () => {
    const doubled = Object.values(customers).filter((customer) => findDuplicates(customer.invoices).length > 0);
    expect(doubled.length).toBeGreaterThanOrEqual(3);
    expect(payments.filter(({ status }) => status === 'failed').length).toBeGreaterThanOrEqual(5);
    expect(invoices.filter(({ status }) => status === 'open').length).toBeGreaterThanOrEqual(3);
    expect(Object.values(customers).filter(({ status }) => status === 'suspended')).toHaveLength(2);
    const tiers = new Set(Object.values(customers).map(({ tier }) => tier));
    expect([...tiers].sort()).toEqual(['enterprise', 'free', 'premium', 'standard']);
  });

  it('have Acme pay INV-2041 twice, 49.00 USD each, within minutes', () => {
    const acme = customers['cus_acme'];
    const [pair, ...others] = findDuplicates(acme?.invoices ?? []);
    expect(others).toEqual([]);
    expect([pair?.first.invoice.id, pair?.second.invoice.id]).toEqual(['INV-2041', 'INV-2041']);
    expect([pair?.first.amount, pair?.second.amount]).toEqual(Array(2).fill({ amount: '49.00', currency: 'USD' }));
    expect(day(pair?.second.at ?? '') - day(pair?.first.at ?? '')).toBeLessThan(10 * 60_000);
  });
});

/** One question for each article, in words that the article's author did not choose. */
const QUESTIONS: { readonly [article: string]: string } = {
  'reset-password': "I can't remember my password any more and need a reset",
  'two-factor-authentication': 'how do i get codes from an authenticator app at login',
  'members-and-roles': 'Please tell me how to add a colleague and give her the viewer role',
  'single-sign-on': 'Does single sign-on work with Keycloak over SAML?',
  'api-keys': 'our api token ended up in a public repository, how can we revoke it',
  'rate-limits': 'How many API requests per minute are we allowed before you throttle us?',
  webhooks: 'what does the webhook do when our server does not answer, will it retry',
  timeouts: 'import of a big file ends in 504 after half a minute',
  cors: 'preflight OPTIONS request is refused by your api in Firefox',
  'deploy-fails': 'why did my build run out of memory and how can I retry it',
  'custom-domain': 'Which DNS record do I need for shop.mycompany.example?',
  'tls-certificates': "we have no https yet, do you make a let's encrypt certificate for us",
  'install-sdk': 'nw: command not found after installing the cli with npm',
  'export-data': 'I want to download everything we have as CSV before we move away',
  regions: 'Do our customers’ data stay in the EU, in Frankfurt for example?',
  backups: 'someone dropped a table, can I restore the database to a point in time',
  'status-page': 'is there a page where I see past incidents and uptime',
  'change-email': 'my address is outdated, please change the e-mail in my profile',
  invoices: 'Where are the PDF invoices for our bookkeeping?',
  'payment-methods': 'Can I pay by PayPal or by bank transfer instead of credit card?',
  plans: 'Is there a discount for students on Starter, and what is the price by the year?',
  support: 'Do you have a chat or an e-mail contact for the weekend?',
  'feature-requests': 'I would like to vote for an idea on your roadmap',
  'documentation-and-licences': 'link to the docs and tutorials please, are there examples in Go?',
};

describe('the sample articles', () => {
  const index = buildIndex(Object.entries(articles).map(([id, article]) => ({ id, ...article })));

  it('are 24, each of two to four short paragraphs', () => {
    expect(Object.keys(articles)).toHaveLength(24);
    for (const [id, { body }] of Object.entries(articles)) {
      const paragraphs = body.split('\n\n');
      expect(paragraphs.length, id).toBeGreaterThanOrEqual(2);
      expect(paragraphs.length, id).toBeLessThanOrEqual(4);
      for (const paragraph of paragraphs) expect(paragraph.length, id).toBeLessThan(600);
    }
  });

  it('have different titles and say each tag once', () => {
    expect(repeated(Object.values(articles).map(({ title }) => title))).toEqual([]);
    for (const { tags } of Object.values(articles)) expect(repeated(tags)).toEqual([]);
  });

  it.each(Object.keys(articles))('%s is found first by a customer’s question', (id) => {
    const question = QUESTIONS[id];
    expect(question, `a question about ${id}`).toBeDefined();
    expect(searchIndex(index, question ?? '').map((hit) => hit.article.id)[0]).toBe(id);
  });
});

describe('the mix of tickets', () => {
  const intents = mix.map((ticket) => ticket.expect.intents);
  const closed = mix.filter((ticket) => ticket.expect.outcome === 'closed');

  it('is 100 different tickets of customers that exist', () => {
    expect(mix).toHaveLength(100);
    expect(repeated(mix.map(({ description }) => description.toLowerCase()))).toEqual([]);
    expect(mix.filter(({ customerId }) => !(customerId in customers)).map(({ customerId }) => customerId)).toEqual([]);
    expect(mix.filter(({ channel }) => channel !== 'api')).toEqual([]);
  });

  it('asks for 30 technical, 28 billing, 22 account and 14 other things, and for two at once in 6', () => {
    const alone = (intent: string) =>
      intents.filter(([only, second]) => only === intent && second === undefined).length;
    // What no support desk answers has no intent; it counts among the other things.
    const other = alone('general') + intents.filter((none) => none.length === 0).length;
    expect([alone('technical'), alone('billing'), alone('account'), other]).toEqual([30, 28, 22, 14]);
    expect(intents.filter(([first, second]) => second !== undefined && first !== second)).toHaveLength(6);
  });

  it('can be answered without a human in at least 72 cases, and needs one in at least 20', () => {
    expect(closed.length).toBeGreaterThanOrEqual(72);
    expect(mix.length - closed.length).toBeGreaterThanOrEqual(20);
    expect(closed.filter((ticket) => ticket.expect.intents.length === 0)).toEqual([]);
  });

  it('names only invoices that its sender has', () => {
    const foreign = mix.flatMap(({ customerId, description }) =>
      (description.match(/INV-\d+/g) ?? []).filter(
        (id) => !customers[customerId]?.invoices.some((own) => own.id === id),
      ),
    );
    expect(foreign).toEqual([]);
  });

  it('has not been seen by the classifier in training', () => {
    const corpus = new Set(readCorpus().map(({ text }) => text.toLowerCase()));
    expect(mix.filter(({ description }) => corpus.has(description.toLowerCase()))).toEqual([]);
  });

  it('holds the ticket of the README’s transcript', () => {
    const acme = mix.find(
      ({ customerId, description }) => customerId === 'cus_acme' && description.includes('INV-2041'),
    );
    expect(acme?.description).toBe(
      'I was charged twice for invoice INV-2041 this month, please refund one of the payments.',
    );
    expect(acme?.expect).toEqual({ intents: ['billing'], outcome: 'handed_over' });
  });
});
