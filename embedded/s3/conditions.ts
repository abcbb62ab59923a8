import { S3Error } from './s3-error.ts';

/** The part of an object that conditions look at. */
interface Version {
  etag: string;
  modifiedMs: number;
}

export interface ReadConditions {
  ifMatch?: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  ifUnmodifiedSince?: string;
}

export interface WriteConditions {
  ifMatch?: string;
  ifNoneMatch?: string;
}

/** Judges a read's conditions in the order of RFC 9110: goes on, answers 304, or throws `PreconditionFailed`. */
export function evaluateReadConditions(conditions: ReadConditions, version: Version): 'read' | 'not-modified' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!listsEtag(ifMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && wasModifiedSince(version, ifUnmodifiedSince) === true) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return listsEtag(ifNoneMatch, version.etag) ? 'not-modified' : 'read';
  if (ifModifiedSince !== undefined && wasModifiedSince(version, ifModifiedSince) === false) return 'not-modified';
  return 'read';
}

/** Judges whether a range may be served: an `If-Range` that does not name this version asks for the whole. */
export function isRangeCurrent(ifRange: string | undefined, version: Version): boolean {
  if (ifRange === undefined) return true;
  return ifRange.includes('"') ? ifRange.trim() === `"${version.etag}"` : wasModifiedSince(version, ifRange) === false;
}

/** Throws unless the object that a write would replace is the one (or the none) that the writer expects. */
export function checkWriteConditions({ ifMatch, ifNoneMatch }: WriteConditions, current: Version | undefined): void {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw new S3Error('NotImplemented', 'If-None-Match of a write can only be *.');
    if (current !== undefined) throw preconditionFailed('If-None-Match');
  }
  if (ifMatch !== undefined) {
    if (current === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    if (!listsEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

function preconditionFailed(header: string): S3Error {
  return new S3Error('PreconditionFailed', `At least one of the preconditions you specified did not hold: ${header}.`);
}

function listsEtag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const candidate = item.trim().replace(/^W\//, '');
    // S3 also takes an ETag without its quotes.
    return candidate === '*' || candidate === `"${etag}"` || candidate === etag;
  });
}

/** `undefined` for a date that cannot be read: such a condition is ignored, as HTTP wants. */
function wasModifiedSince(version: Version, date: string): boolean | undefined {
  const sinceMs = Date.parse(date);
  if (Number.isNaN(sinceMs)) return undefined;
  // HTTP dates have whole seconds.
  return Math.floor(version.modifiedMs / 1000) > Math.floor(sinceMs / 1000);
}
