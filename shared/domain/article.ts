import * as z from 'zod/mini';

export const ArticleId = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,79}$/, '1 to 80 lower-case letters, digits and -'));

/** A piece of knowledge that replies may rest on. */
export const ArticleSchema = z.strictObject({
  title: z.string().check(z.minLength(1), z.maxLength(200)),
  body: z.string().check(z.minLength(1), z.maxLength(50_000)),
  tags: z._default(z.array(z.string().check(z.maxLength(60))).check(z.maxLength(20)), []),
});
export type Article = z.infer<typeof ArticleSchema> & { readonly id: string };

export const articlePartition = (id: string): string => `article/${id}`;
