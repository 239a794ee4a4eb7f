import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Service } from './echo';
import type { ProcessPlace } from './process-place';

const PROGRAMS = join(__dirname, 'programs');

/**
 * Starts a server that answers each line with its own address, port and the peer's address. It ends with its namespace.
 */
export async function startLinesServer(namespace: ProcessPlace, ...services: Service[]): Promise<void> {
  const words = services.flatMap((service) => service.split(' '));
  const child = namespace.start([process.execPath, join(PROGRAMS, 'lines-server.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`the server of ${namespace.name} did not start`);
    }),
  ]);
}

/** A TCP connection, or a UDP flow from one port, that is kept open and says what happens to it. */
export class Conversation {
  private readonly heard: string[] = [];
  private rest = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${this.rest}${text}`.split('\n');
      this.rest = lines.pop()!;
      this.heard.push(...lines);
    });
  }

  public static async open(namespace: ProcessPlace, service: Service, sourcePort?: number): Promise<Conversation> {
    const conversation = Conversation.begin(namespace, service, sourcePort);
    await conversation.hears('open');
    return conversation;
  }

  /** As `open`, where that may be refused. @param sourcePort default: any */
  public static begin(namespace: ProcessPlace, service: Service, sourcePort = 0): Conversation {
    const words = [...service.split(' '), String(sourcePort)];
    return new Conversation(
      namespace.start([process.execPath, join(PROGRAMS, 'talker.mjs'), ...words], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
  }

  public send(line: string): void {
    this.child.stdin!.write(`${line}\n`);
  }

  /** Sends a line and waits for what comes. */
  public async ask(milliseconds = 20_000): Promise<string | undefined> {
    const known = this.heard.length;
    this.send('?');
    return this.next(known, milliseconds);
  }

  /** Everything so far. */
  public get log(): readonly string[] {
    return this.heard;
  }

  public async hears(line: string, milliseconds = 20_000): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!this.heard.includes(line)) {
      if (performance.now() > deadline) throw new Error(`no "${line}" in ${milliseconds} ms; heard: ${this.heard}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  public end(): void {
    this.child.kill('SIGKILL');
  }

  /** The line behind so many; nothing when none comes in time. */
  private async next(known: number, milliseconds: number): Promise<string | undefined> {
    const deadline = performance.now() + milliseconds;
    while (this.heard.length <= known && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 1));
    return this.heard[known];
  }
}
