import { constants, openSync, writeSync } from 'node:fs';
import { LOG_LEVELS, type LogLevel } from '../src/domain/router/router-options';
import type { LogOptions } from './protocol/invocation';

/** Members of each line, so that one file serves all routers of a node. */
export interface LogSubject {
  readonly command: string;
  readonly containerId?: string;
  readonly network?: string;
}

const STDERR = 2;

/** Appends without blocking: a named pipe without a reader would block ADD for ever. */
const LOG_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * The log of one run, one JSON object per line. The file is opened at the first line of a sufficient level: a run
 * without such lines does not touch it. A log that cannot be written does not fail the run.
 */
export class Log {
  private readonly subject: LogSubject;
  private fd: number | undefined;

  public constructor(
    { command, containerId, network }: LogSubject,
    private readonly options: LogOptions,
  ) {
    this.subject = { command, containerId, network };
  }

  /** For defects of the plugin itself. */
  public panic(message: string): void {
    this.write('panic', message);
  }

  public error(message: string): void {
    this.write('error', message);
  }

  public verbose(message: string): void {
    this.write('verbose', message);
  }

  public debug(message: string): void {
    this.write('debug', message);
  }

  private write(level: LogLevel, message: string): void {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(this.options.level)) return;
    const line = JSON.stringify({ time: new Date().toISOString(), level, ...this.subject, message });
    try {
      this.fd ??= this.open();
      // One write per line: lines of concurrent runs do not mix in a file opened for appending.
      writeSync(this.fd, `${line}\n`);
    } catch {
      // Disk full, or standard error closed: the error cannot be reported.
    }
  }

  /** Readable only by root: addresses of external servers are confidential. */
  private open(): number {
    const { file } = this.options;
    if (file === undefined) return STDERR;
    try {
      return openSync(file, LOG_FLAGS, 0o600);
    } catch (error) {
      writeSync(STDERR, `log_file ${file}: ${(error as Error).message}\n`);
      return STDERR;
    }
  }
}
