import { writeSync } from 'node:fs';
import { printableText } from '../../src/domain/input/printable-text';
import { LOG_LEVELS, type LogLevel } from '../../src/domain/router/router-options';
import type { LogOptions } from '../protocol/invocation';
import { jsonLine } from './json-line';
import { openLogFile } from './log-file';

/** Members of each line, so that one file serves all routers of a node. */
export interface LogSubject {
  readonly command: string;
  readonly containerId?: string;
  readonly network?: string;
}

const STDERR = 2;

/**
 * The log of one run, one JSON object per line. The file is opened at the first line of a sufficient level: a run
 * without such lines does not touch it. A log that cannot be written does not fail the run.
 */
export class Log {
  private readonly subject: LogSubject;
  private fd: number | undefined;

  /** @param openFile opens the file of the options @throws with the reason why it is not used */
  public constructor(
    { command, containerId, network }: LogSubject,
    private readonly options: LogOptions,
    private readonly openFile = openLogFile,
  ) {
    // They may come from an input that was rejected.
    const printable = (text: string | undefined) => (text === undefined ? undefined : printableText(text));
    this.subject = {
      command: printableText(command),
      containerId: printable(containerId),
      network: printable(network),
    };
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
    try {
      this.fd ??= this.open();
      // One write per line: lines of concurrent runs do not mix in a file opened for appending.
      writeSync(this.fd, this.line(level, message));
    } catch {
      // Disk full, or standard error closed: the error cannot be reported.
    }
  }

  private line(level: LogLevel, message: string): string {
    return jsonLine({ time: new Date().toISOString(), level, ...this.subject, message });
  }

  private open(): number {
    const { file } = this.options;
    if (file === undefined) return STDERR;
    try {
      return this.openFile(file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      writeSync(STDERR, this.line('error', `log_file ${printableText(file)} ${reason}; logging to standard error`));
      return STDERR;
    }
  }
}
