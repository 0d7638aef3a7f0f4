import * as z from 'zod/mini';
import { ArticleId, ArticleSchema } from '../../shared/domain/article.ts';
import { Assignment } from '../../shared/domain/finding.ts';
import { defineFunction, http, queue } from '../../shared/function.ts';

const Article = z.strictObject({ id: ArticleId, ...ArticleSchema.shape });

export const technical = defineFunction({
  name: 'technical',
  purpose: 'Answers technical and general questions from the knowledge base, with the article cited',
  uses: ['model'],
  sends: ['findings'],
  on: {
    http: http({
      'GET /api/articles': {
        role: 'viewer',
        summary: 'List the articles',
        output: z.strictObject({ items: z.array(Article) }),
      },
      'GET /api/articles/{id}': { role: 'viewer', summary: 'Read an article', output: Article },
      'PUT /api/articles/{id}': {
        role: 'operator',
        summary: 'Write an article',
        input: ArticleSchema,
        output: Article,
        writes: 'article/{id}',
      },
      'DELETE /api/articles/{id}': {
        role: 'operator',
        summary: 'Remove an article',
        output: z.undefined(),
        status: 204,
        writes: 'article/{id}',
      },
    }),
    assigned: queue('technical', Assignment),
  },
  limits: { memoryMb: 512, timeoutSeconds: 60, concurrency: 10 },
});
