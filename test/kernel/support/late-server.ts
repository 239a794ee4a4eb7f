import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Service } from '../lab/echo';
import type { Namespace } from '../lab/namespace';
import { eventually } from './eventually';

const PROGRAM = join(__dirname, '../lab/programs/late-server.py');

/** A server of one client that sends when the test says so, and reports what its socket says then. */
export class LateServer {
  private text = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  public static async start(namespace: Namespace, service: Service): Promise<LateServer> {
    const server = new LateServer(
      namespace.start(['python3', PROGRAM, ...service.split(' ')], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await eventually(() => expect(server.lines).toContain('ready'), 20_000);
    return server;
  }

  /** The client's address. */
  public async peer(): Promise<string> {
    return eventually(() => {
      const line = this.lines.find((each) => each.startsWith('accepted '));
      expect(line).toBeDefined();
      return line!.split(' ')[1]!;
    });
  }

  /** Sends its client a line. @returns what comes back: an error's name, an answer, or `silence` */
  public async send(line: string): Promise<string> {
    // The kernel completes a connection before the server reports that it accepted one.
    await this.peer();
    const known = this.lines.length;
    this.child.stdin!.write(`${line}\n`);
    // The server itself waits for an answer for three seconds.
    return eventually(() => {
      expect(this.lines.length).toBeGreaterThan(known);
      return this.lines[known]!;
    }, 10_000);
  }

  private get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
