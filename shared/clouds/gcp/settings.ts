import { anyText, some, type Variables } from '../../settings.ts';

/** What the Google Cloud adapters read; Terraform sets all of it. */
export const GCP = {
  project: { name: 'GOOGLE_CLOUD_PROJECT', about: 'Project', expected: 'its id', read: some },
  database: {
    name: 'TRIFOLD_FIRESTORE_DATABASE',
    about: 'Firestore database',
    fallback: '(default)',
    expected: 'its id',
    read: some,
  },
  topicPrefix: {
    name: 'TRIFOLD_TOPIC_PREFIX',
    about: 'What stands before the name of a queue in its Pub/Sub topic',
    fallback: 'trifold-',
    expected: 'any text',
    read: anyText,
  },
  bus: {
    name: 'TRIFOLD_BUS',
    about: 'Pub/Sub topic that is the event bus',
    fallback: 'trifold-events',
    expected: 'its name',
    read: some,
  },
  bucket: { name: 'TRIFOLD_BUCKET', about: 'Cloud Storage bucket', expected: 'its name', read: some },
  secretPrefix: {
    name: 'TRIFOLD_SECRET_PREFIX',
    about: 'What stands before the names of secrets',
    fallback: 'trifold-',
    expected: 'any text',
    read: anyText,
  },
} as const satisfies Variables;
