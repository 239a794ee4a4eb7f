import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace } from './namespace';

/** A frame as `tcpdump -e -n` prints it. */
export interface Frame {
  readonly source: string;
  readonly destination: string;
  readonly text: string;
}

/** `tcpdump` on an interface, from when it listens until `stop`. */
export class Capture {
  private text = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  /** @param filter in the words of pcap-filter(7) */
  public static async start(namespace: Namespace, link: string, filter: string): Promise<Capture> {
    // A switch to another user would be a switch to one who may not exist.
    const words = [
      'tcpdump',
      '-e',
      '-n',
      '-l',
      '-v',
      '--immediate-mode',
      '-Z',
      'root',
      '-i',
      link,
      ...filter.split(' '),
    ];
    const child = namespace.start(words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const capture = new Capture(child);
    let complaint = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`tcpdump on ${link} of ${namespace.name}: ${complaint}`)));
      child.stderr!.setEncoding('utf8').on('data', (part: string) => {
        complaint += part;
        if (complaint.includes('listening on')) resolve();
      });
    });
    return capture;
  }

  /** Ends it, and returns what it saw. */
  public async stop(): Promise<Frame[]> {
    const ended = once(this.child, 'close');
    this.child.kill('SIGINT');
    await ended;
    return this.frames();
  }

  /** What it has seen so far. */
  public frames(): Frame[] {
    // A frame's first line begins with its time; further ones are indented.
    return this.text.split(/^(?=\d\d:\d\d:\d\d)/m).flatMap((text) => {
      const match = /^\S+ (\S+) > (\S+),/.exec(text);
      return match === null ? [] : [{ source: match[1]!, destination: match[2]!, text: text.trim() }];
    });
  }

  /** Waits for a frame. */
  public async first(isWanted: (frame: Frame) => boolean = () => true, milliseconds = 3000): Promise<Frame> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const frame = this.frames().find(isWanted);
      if (frame !== undefined) return frame;
      if (performance.now() > deadline) throw new Error(`no such frame in ${milliseconds} ms; seen:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
