import { Tracer } from '@aws-lambda-powertools/tracer';

const tracer = new Tracer({ serviceName: 'trifold' });

/** Opens an X-Ray subsegment below Lambda's own; the returned function closes it. */
export function startSegment(name: string): () => void {
  const parent = tracer.getSegment();
  const segment = parent?.addNewSubsegment(name);
  if (segment) tracer.setSegment(segment);
  return () => {
    segment?.close();
    if (parent) tracer.setSegment(parent);
  };
}
