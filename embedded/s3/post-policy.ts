import { S3Error } from './s3-error.ts';

/** What a policy allows the file of its form to weigh. */
export interface PolicyBounds {
  minBytes: number;
  maxBytes: number;
}

// Not covered by the policy: they are the policy, its signature, and what S3 exempts by its name.
const UNCONDITIONED_FIELDS = new Set(['policy', 'x-amz-signature']);
const IGNORED_PREFIX = 'x-ignore-';

/**
 * Checks a form's fields (names in lower case) against its policy, whose signature has been verified: the policy
 * must not be over, every condition must hold, and every field must be covered by one.
 */
export function checkPolicy(policyBase64: string, fields: ReadonlyMap<string, string>, bucket: string): PolicyBounds {
  const { expiration, conditions } = parsePolicy(policyBase64);
  if (!(expiration > Date.now())) throw denied('Policy expired.');
  if ((fields.get('bucket') ?? bucket) !== bucket) throw denied('The bucket is not the one that is addressed.');
  const values = new Map([...fields, ['bucket', bucket]]);
  const covered = new Set<string>();
  const bounds: PolicyBounds = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  for (const condition of conditions) {
    if ('minBytes' in condition) {
      bounds.minBytes = Math.max(bounds.minBytes, condition.minBytes);
      bounds.maxBytes = Math.min(bounds.maxBytes, condition.maxBytes);
      continue;
    }
    const { field, operator, operand } = condition;
    const value = values.get(field) ?? '';
    const holds = operator === 'eq' ? values.has(field) && value === operand : value.startsWith(operand);
    if (!holds) throw denied(`Policy Condition failed: ${field}.`);
    covered.add(field);
  }
  // S3 asks for it as well: else a policy for one bucket would open all of them.
  if (!covered.has('bucket')) throw denied('The policy has no condition on the bucket.');
  for (const field of fields.keys()) {
    if (covered.has(field) || UNCONDITIONED_FIELDS.has(field) || field.startsWith(IGNORED_PREFIX)) continue;
    throw denied(`Extra input fields: ${field}.`);
  }
  return bounds;
}

type Condition = PolicyBounds | { field: string; operator: 'eq' | 'starts-with'; operand: string };

function parsePolicy(policyBase64: string): { expiration: number; conditions: Condition[] } {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(policyBase64, 'base64').toString('utf8'));
  } catch {
    throw invalidPolicy();
  }
  const { expiration, conditions } = (policy ?? {}) as Record<string, unknown>;
  const isDate = typeof expiration === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expiration);
  if (!isDate || !Array.isArray(conditions)) throw invalidPolicy();
  return { expiration: Date.parse(expiration), conditions: conditions.flatMap(parseCondition) };
}

function parseCondition(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    if (typeof condition !== 'object' || condition === null) throw invalidPolicy();
    return Object.entries(condition).map(([field, operand]) => {
      if (typeof operand !== 'string') throw invalidPolicy();
      return { field: field.toLowerCase(), operator: 'eq', operand };
    });
  }
  const [operator, first, second] = condition as unknown[];
  if (condition.length !== 3) throw invalidPolicy();
  if (operator === 'content-length-range') {
    const [minBytes, maxBytes] = [Number(first), Number(second)];
    if (!Number.isSafeInteger(minBytes) || !Number.isSafeInteger(maxBytes)) throw invalidPolicy();
    return [{ minBytes, maxBytes }];
  }
  const isKnown = operator === 'eq' || operator === 'starts-with';
  if (!isKnown || typeof first !== 'string' || typeof second !== 'string' || !first.startsWith('$')) {
    throw invalidPolicy();
  }
  return [{ field: first.slice(1).toLowerCase(), operator, operand: second }];
}

function denied(reason: string): S3Error {
  return new S3Error('AccessDenied', `Invalid according to Policy: ${reason}`);
}

function invalidPolicy(): S3Error {
  return new S3Error('InvalidPolicyDocument', 'The content of the form does not meet the conditions of a policy.');
}
