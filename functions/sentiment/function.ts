import { Assignment } from '../../shared/domain/finding.ts';
import { defineFunction, queue } from '../../shared/function.ts';

export const sentiment = defineFunction({
  name: 'sentiment',
  purpose: 'Judges how the customer feels and whether a human should step in',
  uses: ['model'],
  sends: ['findings'],
  on: { assigned: queue('sentiment', Assignment) },
  limits: { memoryMb: 256, timeoutSeconds: 20, concurrency: 20 },
});
