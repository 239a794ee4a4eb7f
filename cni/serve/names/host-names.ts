import { networkInterfaces } from 'node:os';
import { nameKey } from '../../../src/domain/names/name-key';
import { reasonOf } from '../../../src/domain/names/name-text';
import type { Host } from '../../../src/domain/router/host';
import { hostPolicy, type PodAddresses } from '../../../src/domain/router/host-policy';
import { familiesOf, type NameResolver, resolvedHosts } from '../../../src/domain/router/name-resolver';
import type { ReservedAddress } from '../../../src/domain/router/reserved-address';
import { type Family, type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { type CheckResult, checkResult } from '../check-result';
import type { AddressChange } from '../live-rules/host-addresses';
import type { ServeLog } from '../serve-log';
import type { ServePart } from '../serve-part';
import type { AddressQuestion } from './dns-message';
import { HostReport } from './host-report';
import { NameServers } from './name-servers';
import { NameWatch, type WatchedAddresses, type WatchedName } from './name-watch';
import { QuestionQueue } from './question-queue';

/** The rules in force, as far as names are concerned. */
export interface NamedRules {
  /** The hosts in force; the same list as long as they do not change. */
  readonly hosts: readonly Host[];
  heldAddresses(name: string, family: Family): readonly IpAddress[];
  setAddresses(changes: readonly AddressChange[]): void;
}

export interface HostNamesOptions {
  readonly resolver: NameResolver;
  readonly addresses: readonly ReservedAddress[];
  readonly nodeAddress?: IpAddress;
  /** Of DNS servers. */
  readonly port?: number;
}

/** Milliseconds within which changes of several names become one change of the table. */
const TOGETHER_MS = 20;

/** The most hosts that a check names. */
const MOST_NAMED = 20;

/**
 * Resolves the hosts without addresses, and puts what DNS answers in force. A failure changes nothing that is in force;
 * a host that never had an address is refused by the table.
 */
export class HostNames implements ServePart {
  public readonly checks = ['names'] as const;
  private readonly servers: NameServers;
  private readonly queue: QuestionQueue;
  private readonly watch: NameWatch;
  private readonly report: HostReport;
  private readonly changed = new Map<string, WatchedAddresses>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private hosts: readonly Host[] | undefined;
  private resolved: readonly Host[] = [];

  public constructor(
    private readonly options: HostNamesOptions,
    private readonly rules: NamedRules,
    log: Pick<ServeLog, 'info' | 'warn'>,
  ) {
    this.servers = new NameServers(options);
    this.queue = new QuestionQueue({ ask: (question: AddressQuestion) => this.servers.ask(question) });
    this.watch = new NameWatch(this.queue, (changed) => this.apply(changed));
    this.report = new HostReport(log);
    this.follow();
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.watch[Symbol.dispose]();
    this.queue[Symbol.dispose]();
  }

  /** The names that are resolved, with what is known of them. */
  public get names(): Iterable<WatchedAddresses> {
    return this.watch;
  }

  public check(): readonly CheckResult[] {
    this.servers.refresh();
    this.follow();
    const problems = [...this.servers.problems, ...this.unresolved()];
    return [checkResult('names', problems, !this.options.resolver.unresolvedIsUnready)];
  }

  /** Watches the hosts of the rules in force. */
  private follow(): void {
    const { hosts } = this.rules;
    if (hosts === this.hosts) return;
    this.hosts = hosts;
    this.resolved = resolvedHosts({ hosts, resolver: this.options.resolver });
    const pod = { own: ownAddresses(), node: this.options.nodeAddress };
    this.watch.watch(this.resolved.map((host) => this.watched(host, pod)));
    // Another policy may have refused addresses that are in force.
    for (const each of this.watch) {
      const { name, family, state } = each;
      const inForce = this.rules.heldAddresses(name, family);
      if (textOf(inForce) !== textOf(state.held.map(({ address }) => address))) this.apply(each);
    }
  }

  private watched(host: Host, pod: PodAddresses): WatchedName {
    const { name } = host;
    return {
      name,
      families: familiesOf(host, this.options.addresses),
      policy: hostPolicy(host, this.options, pod),
      held: (family) => this.rules.heldAddresses(name, family),
    };
  }

  private apply(changed: WatchedAddresses): void {
    this.changed.set(nameKey(changed), changed);
    this.timer ??= setTimeout(() => this.applyNow(), TOGETHER_MS);
  }

  private applyNow(): void {
    this.timer = undefined;
    const changes = [...this.changed.values()].map(({ name, family }) => ({
      name,
      family,
      addresses: this.watch.addressesOf(name, family),
    }));
    this.changed.clear();
    this.rules.setAddresses(changes);
  }

  /** A sentence for each host without an address; the first ones, and how many more there are. */
  private unresolved(): string[] {
    const found = this.report.update(this.watch).filter(({ kind }) => kind === 'never');
    // Before the first answer there is nothing to report, unless clients must not come yet.
    const { unresolvedIsUnready } = this.options.resolver;
    const shown = found.filter(({ states }) => unresolvedIsUnready || states.some(({ failures }) => failures > 0));
    const sentences = shown
      .slice(0, MOST_NAMED)
      .map(({ name, states }) => `${name} does not resolve: ${reasonOf(states) ?? 'no answer yet'}`);
    const more = shown.length - sentences.length;
    return more === 0 ? sentences : [...sentences, `further hosts do not resolve: ${more}`];
  }
}

function textOf(addresses: readonly IpAddress[]): string {
  return addresses
    .map(({ text }) => text)
    .sort()
    .join(' ');
}

/** The addresses of the pod's interfaces. */
function ownAddresses(): IpAddress[] {
  const texts = Object.values(networkInterfaces()).flatMap((some = []) => some.map(({ address }) => address));
  return texts.map((text) => parseIpAddress(text)).filter((address) => typeof address !== 'string');
}
