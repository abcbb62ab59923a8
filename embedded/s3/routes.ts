import {
  createBucket,
  deleteObjects,
  getBucketLocation,
  headBucket,
  listBuckets,
  listObjects,
} from './bucket-routes.ts';
import type { Exchange } from './exchange.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart-routes.ts';
import { copyObject, deleteObject, getObject, OVERRIDE_PARAMETERS, putObject } from './object-routes.ts';
import { S3Error } from './s3-error.ts';
import { checkAmzParameters, type S3Request } from './s3-request.ts';

type Level = 'service' | 'bucket' | 'object';

interface Route {
  level: Level;
  methods: string[];
  /** The query parameter that makes the request this one; the route without it is the plain one. */
  selector?: string;
  /** Further query parameters that are understood. */
  parameters?: string[];
  handle: (exchange: Exchange) => Promise<void>;
}

const ROUTES: Route[] = [
  { level: 'service', methods: ['GET'], handle: listBuckets },

  { level: 'bucket', methods: ['PUT'], handle: createBucket },
  { level: 'bucket', methods: ['HEAD'], handle: headBucket },
  { level: 'bucket', methods: ['GET'], selector: 'location', handle: getBucketLocation },
  {
    level: 'bucket',
    methods: ['GET'],
    selector: 'uploads',
    parameters: ['prefix', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'],
    handle: listMultipartUploads,
  },
  {
    level: 'bucket',
    methods: ['GET'],
    parameters: [
      'list-type',
      'prefix',
      'delimiter',
      'continuation-token',
      'start-after',
      'max-keys',
      'encoding-type',
      'fetch-owner',
    ],
    handle: listObjects,
  },
  { level: 'bucket', methods: ['POST'], selector: 'delete', handle: deleteObjects },

  { level: 'object', methods: ['POST'], selector: 'uploads', handle: createMultipartUpload },
  { level: 'object', methods: ['PUT'], selector: 'uploadId', parameters: ['partNumber'], handle: uploadPart },
  {
    level: 'object',
    methods: ['GET'],
    selector: 'uploadId',
    parameters: ['part-number-marker', 'max-parts', 'encoding-type'],
    handle: listParts,
  },
  { level: 'object', methods: ['POST'], selector: 'uploadId', handle: completeMultipartUpload },
  { level: 'object', methods: ['DELETE'], selector: 'uploadId', handle: abortMultipartUpload },
  { level: 'object', methods: ['PUT'], handle: putOrCopyObject },
  { level: 'object', methods: ['GET', 'HEAD'], parameters: OVERRIDE_PARAMETERS, handle: getObject },
  { level: 'object', methods: ['DELETE'], handle: deleteObject },
];

// The SDK of JavaScript names its operation in the query, for people who read logs.
const IGNORED_PARAMETERS = new Set(['x-id']);

/** Hands a verified request to the operation it asks for; what is not implemented is refused, never half-done. */
export async function dispatch(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  checkAmzParameters(request.amz);
  const route = findRoute(request);
  if (request.amz.has('x-amz-copy-source') && route.handle !== putOrCopyObject) {
    throw new S3Error('NotImplemented', 'Only whole objects can be copied.');
  }
  if (route.level !== 'service' && route.handle !== createBucket && !store.objects.hasBucket(request.bucket)) {
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
  }
  await route.handle(exchange);
}

function findRoute(request: S3Request): Route {
  const level = levelOf(request);
  const ofLevel = ROUTES.filter((route) => route.level === level);
  const selectors = new Set(ofLevel.flatMap((route) => route.selector ?? []));
  const names = [...request.query.keys()].filter((name) => !/^x-amz-/i.test(name) && !IGNORED_PARAMETERS.has(name));
  const selector = names.find((name) => selectors.has(name));
  const route = ofLevel.find(
    (candidate) => candidate.selector === selector && candidate.methods.includes(request.method),
  );
  // `?tagging`, `?acl`, `?versionId` …: a PUT that overlooked one would replace the object with a list of tags.
  const understood = new Set([...(route?.parameters ?? []), selector]);
  const unknown = names.find((name) => !understood.has(name));
  if (unknown !== undefined) throw new S3Error('NotImplemented', `${unknown} is not implemented by this server.`);
  if (route === undefined) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  return route;
}

function levelOf({ bucket, key }: S3Request): Level {
  if (key !== '') return 'object';
  return bucket === '' ? 'service' : 'bucket';
}

async function putOrCopyObject(exchange: Exchange): Promise<void> {
  await (exchange.request.amz.has('x-amz-copy-source') ? copyObject(exchange) : putObject(exchange));
}
