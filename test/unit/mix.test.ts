import { beforeAll, describe, expect, it } from 'vitest';
import { countOf, heldOut, type Judged, judge, mixOfTickets } from './functions/judge.ts';

const said = (judged: readonly Judged[], judgement: Judged['judgement']): string[] =>
  judged.filter((one) => one.judgement === judgement).map(({ request }) => request.description);

describe('the mix of a hundred tickets, by the offline model', () => {
  let judged: Judged[];
  beforeAll(async () => {
    judged = await judge(mixOfTickets());
  });

  it('knows what a right answer rests on for every ticket that can be answered', () => {
    const unknown = mixOfTickets().filter(
      ({ outcome, answer }) => (outcome === 'closed') !== Boolean(answer.articles ?? answer.says),
    );
    expect(unknown).toEqual([]);
  });

  it('is answered rightly without a human in at least 60 cases', () => {
    expect(countOf(judged).answered).toBeGreaterThanOrEqual(60);
  });

  it('leaves to a human every ticket that a human should have', () => {
    expect(said(judged, 'answered for a human')).toEqual([]);
    expect(countOf(judged)['handed over']).toBe(27);
  });

  it('is never answered from something else than what answers it', () => {
    expect(said(judged, 'answered wrongly')).toEqual([]);
  });

  it('rests each answer on its customer’s records where they answer, and on articles where those do', () => {
    for (const { request, answer, findings } of judged.filter(({ judgement }) => judgement === 'answered')) {
      const sources = findings
        .filter(({ verdict }) => verdict === 'answered')
        .flatMap(({ evidence }) => evidence.map(({ source }) => source));
      const expected = [...(answer.says ? ['customers'] : []), ...(answer.articles ? ['article'] : [])];
      const kinds = new Set(sources.map((source) => source.split(' ')[0]));
      expect([...kinds].sort(), request.description).toEqual(expected.sort());
    }
  });
});

describe('forty tickets by which nothing was tuned', () => {
  it('never get a wrong answer, nor one where a human should write it', async () => {
    const judged = await judge(heldOut());
    expect(judged).toHaveLength(40);
    expect(said(judged, 'answered for a human')).toEqual([]);
    expect(said(judged, 'answered wrongly')).toEqual([]);
    expect(countOf(judged).answered).toBeGreaterThan(0);
  });
});
