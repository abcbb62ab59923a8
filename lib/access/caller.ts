import { AppError } from '../errors.ts';

/** What somebody may do, from least to most. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: a person with a session or a program with a key. */
export interface Caller {
  kind: 'user' | 'apiKey';
  id: string;
  name: string;
  role: Role;
  /** Names of figuras; `*` means all. */
  figuras: readonly string[];
  /** Of a person's session; another one in the database has ended it. */
  sessionVersion?: number;
  /** Of a person's session; one that was ended by logging out. */
  sessionId?: string;
  /** Where they sit, as the server saw it; for the audit. */
  address?: string | null;
}

/** Everything a route can ask for. */
export const PERMISSIONS = {
  'figura:read': 'viewer',
  'job:read': 'viewer',
  'job:write': 'operator',
  'upload:write': 'operator',
  'figura:write': 'admin',
  'key:read': 'admin',
  'key:write': 'admin',
  'user:read': 'admin',
  'user:write': 'admin',
  'webhook:read': 'admin',
  'webhook:write': 'admin',
  'audit:read': 'admin',
  'metrics:read': 'viewer',
  'profile:write': 'viewer',
} as const satisfies Record<string, Role>;
export type Permission = keyof typeof PERMISSIONS;

/** Whether the caller was given the figura. Administrators have all of them. */
function hasFigura(caller: Caller, figura: string): boolean {
  return caller.role === 'admin' || caller.figuras.includes('*') || caller.figuras.includes(figura);
}

/** Whether the caller's role goes as far as the permission. */
function hasPermission(caller: Caller, permission: Permission): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(PERMISSIONS[permission]);
}

/**
 * Lets the caller pass, or throws. A figura that the caller was not given does not exist for them.
 * @throws AppError `forbidden`, `figura_not_found`
 */
export function authorize(caller: Caller, permission: Permission, figura?: string): void {
  if (figura !== undefined && !hasFigura(caller, figura)) {
    throw new AppError('figura_not_found', `${caller.kind} ${caller.id} has no figura ${figura}`, {
      details: { name: figura },
    });
  }
  if (!hasPermission(caller, permission)) {
    throw new AppError('forbidden', `${caller.role} may not ${permission}`, { details: { permission } });
  }
}

/** Lets only callers pass who were given every figura, those to come included. @throws AppError `forbidden` */
export function requireAllFiguras(caller: Caller): void {
  if (visibleFiguras(caller) !== null)
    throw new AppError('forbidden', `${caller.kind} ${caller.id} has some figuras only`);
}

/** Names of the figuras the caller sees; null means all. */
export function visibleFiguras(caller: Caller): readonly string[] | null {
  return caller.role === 'admin' || caller.figuras.includes('*') ? null : caller.figuras;
}
