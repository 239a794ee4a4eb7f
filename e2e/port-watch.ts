import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace } from '../test/kernel/lab/namespace';

/** A frame received on a port of the LAN's switch. */
export interface Arrival {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly port: string;
  readonly text: string;
}

/** Watches the switch ports on which a MAC is learned. */
export class PortWatch {
  private text = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly mac: string,
  ) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  public static async start(lan: Namespace, mac: string): Promise<PortWatch> {
    const words = ['tcpdump', '-i', 'any', '-e', '-n', '-tt', '-l', '--immediate-mode', '-Z', 'root', 'inbound'];
    const child = lan.start(words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const watch = new PortWatch(child, mac);
    let complaint = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`tcpdump on the LAN: ${complaint}`)));
      child.stderr!.setEncoding('utf8').on('data', (part: string) => {
        complaint += part;
        if (complaint.includes('listening on')) resolve();
      });
    });
    return watch;
  }

  /** @param mac of another sender; empty for any */
  public arrivals(mac = this.mac): Arrival[] {
    return this.text.split('\n').flatMap((text) => {
      const match = /^(\d+\.\d+) (port\d+)\s/.exec(text);
      if (match === null || (mac !== '' && !text.includes(` ${mac} `))) return [];
      return [{ at: Number(match[1]) * 1000, port: match[2]!, text }];
    });
  }

  /** The ports in order of use: a port that appears twice was left in between. */
  public turns(): string[] {
    return this.arrivals()
      .map(({ port }) => port)
      .filter((port, index, ports) => port !== ports[index - 1]);
  }

  public async stop(): Promise<void> {
    const ended = once(this.child, 'close');
    this.child.kill('SIGINT');
    await ended;
  }
}
