import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../support/eventually';
import type { Namespace } from './namespace';

const COUNTS = /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped/;

/** A frame as `tcpdump -e -n` prints it. */
export interface Frame {
  readonly source: string;
  readonly destination: string;
  readonly text: string;
}

/** `tcpdump` on an interface, from when it listens until `stop`. */
export class Capture {
  private text = '';
  private complaint = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      this.complaint += part;
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
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`tcpdump on ${link} of ${namespace.name}: ${capture.complaint}`)));
      child.stderr!.on('data', () => {
        if (capture.complaint.includes('listening on')) resolve();
      });
    });
    return capture;
  }

  /** Ends it when it has printed every frame that came until now, and returns them. */
  public async stop(): Promise<Frame[]> {
    const { came } = await this.counts();
    await eventually(async () => expect((await this.counts()).printed).toBeGreaterThanOrEqual(came));
    const ended = once(this.child, 'close');
    this.child.kill('SIGINT');
    await ended;
    return this.frames();
  }

  /** How many frames it has printed, and how many came: it says so when it is asked. */
  private async counts(): Promise<{ readonly printed: number; readonly came: number }> {
    const known = this.complaint.length;
    this.child.kill('SIGUSR1');
    return eventually(() => {
      const counts = COUNTS.exec(this.complaint.slice(known));
      expect(counts).not.toBeNull();
      const [printed, received, dropped] = counts!.slice(1).map(Number) as [number, number, number];
      return { printed, came: received - dropped };
    });
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
  public async first(isWanted: (frame: Frame) => boolean = () => true, milliseconds = 20_000): Promise<Frame> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const frame = this.frames().find(isWanted);
      if (frame !== undefined) return frame;
      if (performance.now() > deadline) throw new Error(`no such frame in ${milliseconds} ms; seen:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
