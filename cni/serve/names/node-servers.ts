import { readFileSync, statSync } from 'node:fs';
import { printableText } from '../../../src/domain/input/printable-text';
import { serverRefusal } from '../../../src/domain/names/server-refusal';
import type { Cidr } from '../../../src/domain/values/cidr';
import { addressKind, type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

/** The DNS servers of a resolv.conf(5), and what is wrong with others. */
export interface FoundServers {
  readonly servers: readonly IpAddress[];
  readonly problems: readonly string[];
}

/** As many as a resolver of the C library asks. */
const MOST_SERVERS = 3;

/** Bytes of the file that are read. */
const MOST_BYTES = 64 * 1024;

const INSTEAD = 'name servers by DnsResolver.servers([…])';

/**
 * Reads the servers of a resolv.conf(5). A stub on loopback is another namespace's, and the cluster's own DNS may lead
 * a name to the router's Service: both are refused.
 */
export function readServersOf(text: string, clusterCidrs: readonly Cidr[]): FoundServers {
  const words = [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, word]) => word!);
  const servers: IpAddress[] = [];
  const problems: string[] = [];
  for (const word of words.slice(0, MOST_SERVERS)) {
    const address = parseIpAddress(word);
    const problem = typeof address === 'string' ? address : whyRefused(address, clusterCidrs);
    if (problem === undefined) servers.push(address as IpAddress);
    else problems.push(`nameserver ${printableText(word, 64)} ${problem}: ${INSTEAD}`);
  }
  if (words.length === 0) problems.push(`no nameserver: ${INSTEAD}`);
  return { servers, problems };
}

function whyRefused(address: IpAddress, clusterCidrs: readonly Cidr[]): string | undefined {
  const kind = addressKind(address);
  return kind === 'host' ? serverRefusal(address, clusterCidrs) : `is a ${kind} address`;
}

/** The servers of the pod's file, read again when it changes. */
export class NodeServers {
  private identity: string | undefined;
  private found: FoundServers = { servers: [], problems: [] };

  public constructor(
    private readonly clusterCidrs: readonly Cidr[],
    private readonly path = '/etc/resolv.conf',
  ) {}

  public get current(): FoundServers {
    return this.found;
  }

  /** @returns whether the servers may be others than before */
  public refresh(): boolean {
    const identity = this.identityNow();
    if (identity === this.identity) return false;
    this.identity = identity;
    this.found = this.read();
    return true;
  }

  private read(): FoundServers {
    try {
      const { servers, problems } = readServersOf(
        readFileSync(this.path, 'utf8').slice(0, MOST_BYTES),
        this.clusterCidrs,
      );
      return { servers, problems: problems.map((problem) => `${this.path}: ${problem}`) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { servers: [], problems: [`${this.path} cannot be read: ${code ?? error}`] };
    }
  }

  private identityNow(): string {
    try {
      const { ino, size, mtimeNs } = statSync(this.path, { bigint: true });
      return `${ino} ${size} ${mtimeNs}`;
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }
}
