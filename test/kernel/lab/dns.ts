import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import type { Namespace } from './namespace';

const PROGRAM = join(__dirname, 'programs/dns-server.mjs');

/** What a server says about a name. */
export interface DnsRecord {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  /** Seconds. */
  readonly ttl?: number;
  readonly way?: 'nxdomain' | 'silent' | 'truncated' | 'malformed';
  /** The name that it stands for. */
  readonly alias?: string;
  /** Milliseconds until an answer by UDP. */
  readonly delay?: number;
  /** What another host sends before the answer. */
  readonly forged?: {
    readonly A: string;
    /** Answers with guessed ids. */
    readonly guesses: number;
    /** The other host, which knows the id. */
    readonly from: string;
  };
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
  readonly way: 'udp' | 'tcp';
  /** The address that asks. */
  readonly from: string;
}

type Line = DnsQuestion | { readonly listening: true } | { readonly known: true };

/** A DNS server in a namespace; it ends with it. */
export class Dns {
  private readonly lines: Line[] = [];
  private said = 0;

  private constructor(private readonly child: ChildProcess) {
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop()!;
      this.lines.push(...lines.map((line) => JSON.parse(line)));
    });
  }

  public static async start(namespace: Namespace, address: string): Promise<Dns> {
    const child = namespace.start([process.execPath, PROGRAM, address], { stdio: ['pipe', 'pipe', 'inherit'] });
    const dns = new Dns(child);
    await eventually(() => expect(dns.lines[0]).toEqual({ listening: true }));
    return dns;
  }

  /** Replaces everything that the server knows; other names do not exist. */
  public async say(zone: Readonly<Record<string, DnsRecord>>): Promise<void> {
    const said = ++this.said;
    this.child.stdin!.write(`${JSON.stringify(zone)}\n`);
    await eventually(() => expect(this.lines.filter((line) => 'known' in line).length).toBeGreaterThanOrEqual(said));
  }

  public get questions(): readonly DnsQuestion[] {
    return this.lines.filter((line) => 'name' in line);
  }
}
