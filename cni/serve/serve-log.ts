import { writeSync } from 'node:fs';
import { jsonLine } from '../log/json-line';

export type ServeLogLevel = 'info' | 'warn' | 'error';

const STDOUT = 1;

/** The log of `serve`: one JSON object per line on standard output, which is the pod's log. */
export class ServeLog {
  /** @param router the router's name, for every line */
  public constructor(
    private readonly router: string,
    private readonly write: (line: string) => void = writeLine,
  ) {}

  public info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.line('info', message, fields);
  }

  public warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.line('warn', message, fields);
  }

  public error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.line('error', message, fields);
  }

  private line(level: ServeLogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.write(jsonLine({ time: new Date().toISOString(), level, router: this.router, message, ...fields }));
  }
}

/** A log that cannot be written must not end the router. */
function writeLine(line: string): void {
  try {
    writeSync(STDOUT, line);
  } catch {
    // The reader is gone.
  }
}
