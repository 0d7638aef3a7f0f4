import { customerWrites } from '../../customers/stored.ts';
import { ArticleSchema, articlePartition } from '../../domain/article.ts';
import { CustomerRecord, customerPartition } from '../../domain/customer.ts';
import { newId } from '../../domain/ids.ts';
import { TicketRequest } from '../../domain/ticket.ts';
import { queueType, versionedType } from '../../envelope.ts';
import { articleWrite } from '../../knowledge/articles.ts';
import { inWorkspace } from '../../pipeline/indexes.ts';
import type { Write } from '../../ports/store.ts';
import type { Runtime } from '../../runtime.ts';
import { parseOutput } from '../../schema.ts';
import articles from './data/articles.json' with { type: 'json' };
import customers from './data/customers.json' with { type: 'json' };
import tickets from './data/tickets.json' with { type: 'json' };

/**
 * Fills a workspace with the sample: customers, articles, and tickets that come in by the outside queue. Doing it again
 * changes nothing: the tickets' ids are made of their messages'.
 */
export async function fillWithSample(runtime: Runtime): Promise<void> {
  const { workspace } = runtime.settings;
  const commit = (partition: string, writes: readonly Write[]) => {
    const indexed = writes.map((write) =>
      write.kind === 'put' && write.indexes ? { ...write, indexes: inWorkspace(write.indexes, workspace) } : write,
    );
    return runtime.store.commit(`${workspace}/${partition}`, indexed, newId('cmt', runtime.clock.now()));
  };
  const filled = [
    ...Object.entries(customers).map(([id, record]) =>
      commit(customerPartition(id), customerWrites(id, parseOutput(CustomerRecord, record, id), [])),
    ),
    ...Object.entries(articles).map(([id, article]) =>
      commit(articlePartition(id), [articleWrite({ id, ...parseOutput(ArticleSchema, article, id) }, 'any')]),
    ),
  ];
  await Promise.all(filled);
  await runtime.queue.send(
    'intake',
    tickets.map((ticket, i) => {
      const id = `sample-${i + 1}`;
      const data = parseOutput(TicketRequest, ticket, id);
      return {
        id,
        body: JSON.stringify({
          specversion: '1.0',
          id,
          source: 'trifold/sample',
          type: versionedType(queueType('intake'), 1),
          data,
        }),
      };
    }),
  );
}
