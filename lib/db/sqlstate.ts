import { AppError } from '../errors.ts';
import type { RowFaultCode } from '../job/row-faults.ts';

/** What node-postgres throws when the server answered with an error. */
export interface DatabaseError extends Error {
  code: string;
  severity: string;
  detail?: string;
  constraint?: string;
  column?: string;
  table?: string;
}

/** SQLSTATEs that are told apart somewhere. */
export const SQLSTATE = {
  queryCanceled: '57014',
  adminShutdown: '57P01',
  invalidPassword: '28P01',
  undefinedTable: '42P01',
  undefinedObject: '42704',
  uniqueViolation: '23505',
  insufficientPrivilege: '42501',
  tooManyConnections: '53300',
  lockNotAvailable: '55P03',
} as const;

/** Whether PostgreSQL itself answered with an error (as against a lost connection or a fault of ours). */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && typeof (error as DatabaseError).severity === 'string' && 'code' in error;
}

// Faults of the surroundings or of the statement as a whole: connection, transaction, rights, names, resources, locks,
// operators, the system itself. Everything else (data, constraints, limits such as an index row's size, whatever a
// trigger raises under a code of its own) is about the row.
const NOT_A_ROW = /^(08|0A|25|26|28|2D|3D|3F|40|42|53|55|57|58|F0|HV|XX)/;

/** Whether the fault lies in the values of a row. */
export function isRowFault(error: unknown): error is DatabaseError {
  return isDatabaseError(error) && !NOT_A_ROW.test(error.code);
}

/**
 * Whether COPY was stopped by a value. Input functions of rarer types refuse with classes that elsewhere blame the
 * statement: tsvector with a syntax error, regclass with an undefined table.
 */
export function isInputFault(error: unknown): error is DatabaseError {
  return isRowFault(error) || (isDatabaseError(error) && /^(0A000|3F000|42|XX000)/.test(error.code));
}

/** Codes of rows' faults, by the SQLSTATE PostgreSQL refuses them with. */
export const ROW_FAULT_BY_SQLSTATE: Readonly<Record<string, RowFaultCode>> = {
  '22001': 'value_too_long',
  '22003': 'value_out_of_range',
  '22008': 'value_out_of_range',
  '22021': 'nul_character',
  '23502': 'not_null',
  '23503': 'foreign_key_violation',
  '23505': 'unique_violation',
  '23514': 'check_violation',
  '44000': 'check_violation',
  '23P01': 'exclusion_violation',
  P0001: 'trigger_refused',
};

/** Code of a row's fault, from the SQLSTATE PostgreSQL refused it with. */
export function rowFaultCode(sqlstate: string): RowFaultCode {
  return ROW_FAULT_BY_SQLSTATE[sqlstate] ?? (sqlstate.startsWith('22') ? 'invalid_value' : 'rejected');
}

// 08 connection, 53 resources, 57P0x shutdown and start-up, 25006 read-only standby.
const AWAY = /^(08|57P0|25006)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

// Prisma's own codes: not reachable, timed out, connection closed, pool exhausted.
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037']);

/** Whether the database is away, so that the same may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (isDatabaseError(error)) return AWAY.test(error.code) || error.code.startsWith('53');
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  return (
    (typeof code === 'string' && (NETWORK.has(code) || PRISMA_AWAY.has(code))) ||
    // node-postgres has no code for these.
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
      error.message,
    )
  );
}

/** Turns what the database driver threw into a fault of ours where its kind is known, else hands it back. */
export function asAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isDatabaseError(error) && error.code === '53100') {
    return new AppError('out_of_disk', error.message, { cause: error });
  }
  // A statement that took longer than it may, or that an administrator ended.
  const isCanceled = isDatabaseError(error) && error.code === SQLSTATE.queryCanceled;
  if (isCanceled || isDatabaseAway(error)) {
    return new AppError('database_unavailable', (error as Error).message, { cause: error });
  }
  return error;
}
