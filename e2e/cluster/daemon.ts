import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program that runs until it is stopped, and can be restarted. */
export class Daemon {
  private child: ChildProcess | undefined;

  /**
   * @param name for messages
   * @param command the program and its arguments, at each start: they differ after a restart of its machine
   * @param log file for the output of all its starts
   */
  public constructor(
    public readonly name: string,
    private readonly command: () => readonly string[],
    public readonly log: string,
  ) {}

  public start(): void {
    const log = openSync(this.log, 'a');
    const [program, ...words] = this.command();
    this.child = spawn(program!, words, { stdio: ['ignore', log, log], detached: true });
    this.child.unref();
    closeSync(log);
  }

  public get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** To the program itself. */
  public signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Sends a signal to the program itself; resolves when it has ended. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** @throws an error with the end of its log, if it has ended by itself */
  public assertRunning(): void {
    if (!this.isRunning) throw new Error(`${this.name} has ended:\n${this.lastLines()}`);
  }

  private lastLines(): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  }
}
