import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectLanguage } from '../../../../shared/models/offline/language.ts';

describe('language', () => {
  test.each([
    ['en', 'I was charged twice and I would like to know why this is on my card.'],
    ['de', 'Ich kann mich seit gestern nicht mehr anmelden, bitte helfen Sie mir.'],
    ['fr', "Je ne peux pas me connecter à mon compte depuis hier, pouvez-vous m'aider ?"],
    ['es', 'No puedo entrar en mi cuenta desde ayer, por favor ayuda.'],
    ['it', 'Non riesco ad accedere al mio account, cosa posso fare per favore?'],
    ['pt', 'Não consigo entrar na minha conta, você pode me ajudar por favor?'],
    ['nl', 'Ik kan niet inloggen op mijn account, kunt u mij helpen?'],
  ])('%s is recognised', (language, text) => {
    const detected = detectLanguage(text);
    expect(detected.language).toBe(language);
    expect(detected.confidence).toBeGreaterThan(0.4);
  });

  test('unknown words give no confidence', () => {
    expect(detectLanguage('xyzzy')).toEqual({ language: 'en', confidence: 0 });
  });

  test('confidence stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { confidence } = detectLanguage(text);
        expect(confidence >= 0 && confidence <= 1).toBe(true);
      }),
    );
  });
});
