// Logging: one JSON line per event, with bindings that a child logger adds to each of its lines.

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that puts these fields on each of its lines. */
  child(bindings: LogFields): Logger;
}

interface LoggerOptions {
  readonly level?: LogLevel;
  readonly bindings?: LogFields;
  /** Receives each line without its line end; standard output unless given. */
  readonly write?: (line: string) => void;
}

export function makeLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', bindings = {}, write = writeLine } = options;
  const least = logLevels.indexOf(level);

  const at =
    (name: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(name) < least) return;
      const line = { time: new Date().toISOString(), level: name, event, ...bindings, ...fields };
      write(printable(JSON.stringify(line, errorsAsText)));
    };

  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => makeLogger({ level, write, bindings: { ...bindings, ...more } }),
  };
}

/** A logger for tests and callers that want silence. */
export const silentLogger: Logger = makeLogger({ write: () => {} });

/** What a terminal or an editor obeys: controls but for the line end, line separators, turns of direction. */
const obeyed = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * The text with what a terminal would obey shown as JSON writes it, such as `\u001b`; line ends stay. Of JSON it makes
 * JSON that says the same.
 */
export function printable(text: string): string {
  return text.replace(obeyed, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

// An Error has no enumerable fields, so JSON would show it as {}. Its cause holds requests and headers: left out.
function errorsAsText(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const code = 'code' in value ? { code: value.code } : {};
  return { name: value.name, ...code, message: value.message, stack: value.stack };
}
