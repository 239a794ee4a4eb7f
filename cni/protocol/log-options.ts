import { Field } from '../../src/domain/input/decoder';
import { type LogLevel, readOptions } from '../../src/domain/router/router-options';

/** Where lines of the log go, and which. */
export interface LogOptions {
  /** Path on the node; absent: standard error. */
  readonly file?: string;
  readonly level: LogLevel;
}

/** From a configuration that may be refused for something else: that is worth a line in its own log, too. */
export function logOptions(input: unknown): LogOptions {
  const { logFile, logLevel } = readOptions(Field.root(input, []));
  return logFile === undefined ? { level: logLevel } : { file: logFile, level: logLevel };
}
