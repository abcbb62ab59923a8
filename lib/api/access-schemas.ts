// The schemas of who may do what: keys, people, their links, and the audit. Beside lib/api/schemas.ts.
import { z } from 'zod';
import { figuraNames, isStorableMoment, page, text, timestamp } from './schemas.ts';

const role = z.enum(['admin', 'operator', 'viewer']);

export const createKeySchema = z
  .strictObject({
    name: text(200),
    role,
    figuras: figuraNames.min(1),
    expiresAt: timestamp.refine(isStorableMoment).optional(),
  })
  .meta({ id: 'CreateKey' });
export const keySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role,
    figuras: z.array(z.string()),
    prefix: z.string(),
    lastFour: z.string(),
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
    createdAt: timestamp,
    createdBy: z.object({ kind: z.enum(['user', 'apiKey', 'system']), name: z.string() }),
  })
  .meta({ id: 'Key' });
export const createdKeySchema = keySchema.extend({ secret: z.string() }).meta({ id: 'CreatedKey' });

// As long as CARGA_ADMIN_PASSWORD must be; the upper end keeps argon2 from hashing megabytes.
const password = z.string().min(8).max(1024);
export const createUserSchema = z
  .strictObject({
    // No more than that it can be one: admin@localhost is an address here.
    email: z
      .string()
      .max(254)
      .regex(/^[^\s@\u0000]+@[^\s@\u0000]+$/),
    name: text(200),
    role,
    figuras: figuraNames.default([]),
    password: password.optional(),
  })
  .meta({ id: 'CreateUser' });
export const changeUserSchema = z
  .strictObject({ name: text(200), role, figuras: figuraNames, disabled: z.boolean(), password })
  .partial()
  .meta({ id: 'ChangeUser' });
export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    role,
    figuras: z.array(z.string()),
    /** false: they come in by the identity provider, or were invited and have not answered. */
    hasPassword: z.boolean(),
    disabledAt: timestamp.nullable(),
    lastLoginAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'User' });

/** A link by which a person chooses a password: in this answer and nowhere else. */
export const accessLinkSchema = z.object({ url: z.url(), expiresAt: timestamp }).meta({ id: 'AccessLink' });
const linkToken = z.string().regex(/^[\w-]{20,100}$/);
export const inspectAccessLinkSchema = z.strictObject({ token: linkToken }).meta({ id: 'InspectAccessLink' });
export const accessLinkHolderSchema = z
  .object({ email: z.string(), name: z.string(), isInvitation: z.boolean(), expiresAt: timestamp })
  .meta({ id: 'AccessLinkHolder' });
export const acceptAccessLinkSchema = z
  .strictObject({ token: linkToken, name: text(200).optional(), password })
  .meta({ id: 'AcceptAccessLink' });

/** A new password wants the present one. */
export const changeProfileSchema = z
  .strictObject({ name: text(200), currentPassword: z.string().max(1024), newPassword: password })
  .partial()
  .meta({ id: 'ChangeProfile' });

export const auditEntrySchema = z
  .object({
    /** A 64-bit number, therefore a string. */
    id: z.string().regex(/^\d+$/),
    at: timestamp,
    actor: z.object({ kind: z.enum(['user', 'apiKey', 'system']), id: z.uuid().nullable(), name: z.string() }),
    action: z.string(),
    target: z.string(),
    address: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    result: z.enum(['done', 'refused']),
    /** Why it was refused: a code of the contract. */
    code: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

export const keyPageSchema = page(keySchema, 'KeyPage');
export const userPageSchema = page(userSchema, 'UserPage');
export const auditPageSchema = page(auditEntrySchema, 'AuditPage');
