import { validateHeaderName } from 'node:http';
import { S3Error } from './s3-error.ts';

// What HTTP says about a representation; kept with the object and sent back with it.
const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

const METADATA_PREFIX = 'x-amz-meta-';

// S3's limit for all names and values of a user's metadata together.
const MAX_METADATA_BYTES = 2048;

/** Picks what is kept with an object out of a request's headers or a form's fields (names in lower case). */
export function collectObjectHeaders(parameters: Iterable<readonly [string, string]>): Record<string, string> {
  const headers: Record<string, string> = {};
  let metadataBytes = 0;
  for (const [name, value] of parameters) {
    if (name.startsWith(METADATA_PREFIX)) {
      metadataBytes += name.length - METADATA_PREFIX.length + value.length;
      if (metadataBytes > MAX_METADATA_BYTES) {
        throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size.');
      }
      headers[checkName(name)] = value;
    } else if (name === 'content-encoding') {
      // The chunks were taken off on the way in, so the object is not encoded in them.
      const codings = value.split(',').map((coding) => coding.trim());
      const kept = codings.filter((coding) => coding.toLowerCase() !== 'aws-chunked').join(', ');
      if (kept !== '') headers[name] = kept;
    } else if (KEPT_HEADERS.includes(name)) {
      headers[name] = value;
    }
  }
  return headers;
}

function checkName(name: string): string {
  try {
    validateHeaderName(name);
  } catch {
    throw new S3Error('InvalidArgument', 'The name of a metadata entry cannot be the name of a header.');
  }
  return name;
}
