/** Severity of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logger: one JSON object per line on stderr, so that stdout stays free for what a person asked for. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

/** Extra facts of a log line; errors are reduced to name, message and code. */
export type LogFields = Record<string, unknown>;

// A presigned URL is a password for as long as it lives, and connection strings carry one.
const SECRET_PATTERNS: [RegExp, string][] = [
  [/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"]+/gi, '$1[redacted]'],
  [/(\w+:\/\/[^:@/\s"]*:)[^@\s"]+@/g, '$1[redacted]@'],
  [/(Bearer\s+)[^\s",]+/gi, '$1[redacted]'],
  [/\bcarga_[A-Za-z0-9_-]{16,}/g, 'carga_[redacted]'],
];

/** Removes signatures, passwords and tokens from a text that goes to a log. */
function redact(text: string): string {
  return SECRET_PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

function plain(value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, stack } = value;
    const code = (value as { code?: unknown }).code;
    return { name, message, code, stack, cause: value.cause === undefined ? undefined : plain(value.cause) };
  }
  return typeof value === 'bigint' ? String(value) : value;
}

const LEVELS: LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Makes a logger whose every line carries `fields`; lines below `level` (`info` unless told) are left out. */
export function createLogger(
  fields: LogFields = {},
  options: { level?: LogLevel; write?: (line: string) => void } = {},
): Logger {
  const { level: least = 'info', write = (line) => process.stderr.write(`${line}\n`) } = options;
  const emit =
    (level: LogLevel) =>
    (message: string, more: LogFields = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
      const line = JSON.stringify(
        { time: new Date().toISOString(), level, message, ...fields, ...more },
        (_key, value) => plain(value),
      );
      write(redact(line));
    };
  return {
    debug: emit('debug'),
    info: emit('info'),
    warn: emit('warn'),
    error: emit('error'),
    child: (more) => createLogger({ ...fields, ...more }, options),
  };
}
