import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IConstruct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import {
  encodeServiceIpFile,
  lowestFree,
  readServiceIpFile,
  type ServiceIpKey,
  type ServiceIps,
} from '../../domain/router/service-ips';
import type { Cidr } from '../../domain/values/cidr';
import type { Family, IpAddress } from '../../domain/values/ip-address';

/** Where an app keeps its files, for another copy of this library too. */
const FILES = Symbol.for('cdk8s-egress-router.service-ip-files');
type WithFiles = IConstruct & { [FILES]?: Map<string, ServiceIpFile> };

const MOST_BYTES = 8 * 1024 * 1024;

/** The cluster IPs of an app's hosts, which a file beside the program keeps. Read once, written after validation. */
export class ServiceIpFile {
  /** The file of this range in the app of `scope`; a file serves several clusters. */
  public static of(scope: IConstruct, { file }: ServiceIps): ServiceIpFile {
    const root = scope.node.root as WithFiles;
    root[FILES] ??= new Map();
    const path = resolve(file);
    const known = root[FILES].get(path) ?? new ServiceIpFile(path, file);
    root[FILES].set(path, known);
    return known;
  }

  /** What is wrong with the file. */
  public readonly issues: Issue[] = [];
  private readonly addresses: Map<ServiceIpKey, IpAddress>;
  private readonly reserved = new Set<string>();
  private written: string;

  private constructor(
    private readonly path: string,
    /** As the user names it, for messages. */
    private readonly name: string,
  ) {
    this.addresses = this.read();
    this.written = encodeServiceIpFile(this.addresses);
  }

  /** Keeps an address that a declaration gives from being taken. */
  public reserve(cluster: string, address: string): void {
    this.reserved.add(`${cluster} ${address}`);
  }

  /**
   * The address of a key: the file's, or else the lowest free one.
   *
   * @param networks Service networks of the cluster, as far as they are known
   */
  public addressOf(key: ServiceIpKey, { cluster, family, range, networks }: ServiceIpDemand): IpAddress | undefined {
    const known = this.addresses.get(key);
    if (known !== undefined || range.isFrozen || this.issues.length > 0) return known;
    const ofCluster = [...this.addresses].filter(([each]) => each.startsWith(`${cluster}/`));
    const taken = new Set(ofCluster.map(([, { text }]) => text));
    const isTaken = ({ text }: IpAddress) => taken.has(text) || this.reserved.has(`${cluster} ${text}`);
    const address = lowestFree(range, family, networks, isTaken);
    if (address !== undefined) this.addresses.set(key, address);
    return address;
  }

  /** Writes the file if an address was added: as a whole, so that a reader never sees a part of it. */
  public save(): void {
    const text = encodeServiceIpFile(this.addresses);
    if (text === this.written || this.issues.length > 0) return;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text);
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new Error(`serviceIps.file: ${this.name} cannot be written: ${(error as Error).message}`);
    }
    this.written = text;
  }

  private read(): Map<ServiceIpKey, IpAddress> {
    const issues: Issue[] = [];
    const addresses = readServiceIpFile(Field.root(this.content(), issues));
    for (const issue of issues)
      this.issues.push({ ...issue, path: `${this.name}: ${issue.path || '(the whole file)'}` });
    return addresses;
  }

  private content(): unknown {
    const accepted = `a file of synth as it was, of at most ${MOST_BYTES} bytes; delete it to choose all addresses again`;
    const refuse = (problem: string) =>
      this.issues.push({ path: 'cluster.serviceIps.file', value: this.name, problem, accepted });
    try {
      const { size } = statSync(this.path);
      if (size > MOST_BYTES) refuse(`has ${size} bytes`);
      else return JSON.parse(readFileSync(this.path, 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof SyntaxError) refuse('is not JSON');
      else if (code !== 'ENOENT') refuse(`cannot be read (${code})`);
    }
    return { addresses: {} };
  }
}

/** Who asks for an address. */
export interface ServiceIpDemand {
  readonly cluster: string;
  readonly family: Family;
  readonly range: ServiceIps;
  readonly networks: readonly Cidr[];
}
