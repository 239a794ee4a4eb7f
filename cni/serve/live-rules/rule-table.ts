import { type MarkedRules, NO_RULES } from '../../../src/domain/data-plane/marked-rules';
import { isSameHost } from '../../../src/domain/data-plane/name-in-table';
import type { NftTableChange } from '../../../src/domain/data-plane/nft-table-change';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { RouterInterfaces } from '../../../src/domain/data-plane/router-interfaces';
import { routerTable, TABLE_NAME } from '../../../src/domain/data-plane/router-table';
import { isEmptyChange, routerTableChange } from '../../../src/domain/data-plane/router-table-change';
import {
  highestMark,
  type RuleChanges,
  ruleChanges,
  type WantedRules,
} from '../../../src/domain/data-plane/rule-changes';
import { spreadKey } from '../../../src/domain/data-plane/spread-changes';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { readRulesInForce } from '../../data-plane/rules-in-force';
import { ENFILE, ERESTART } from '../../ffi/errno';
import { hasErrno } from '../../netlink/netlink-error';
import { changeTable, refillTable } from '../../netlink/nftables/change-table';
import { nextGeneration, readGeneration } from '../../netlink/nftables/table';
import type { NetlinkSocket } from '../../netlink/socket';

/** The kernel's table is not one of this router's. */
export class ForeignTableError extends Error {
  public constructor(differences: readonly string[]) {
    const more = differences.length > 1 ? ` (and ${differences.length - 1} more)` : '';
    super(`${differences[0]}${more}: changed by another program; restart the pod`);
    this.name = 'ForeignTableError';
  }
}

/** The most retries of a change after other programs' transactions. */
const ATTEMPTS = 5;

/**
 * The rules in the kernel's table, cached, and read again only after another program's transaction.
 */
export class RuleTable {
  private marked = NO_RULES;
  private lastMark = 0;
  /** The generation at which the table was read or changed. */
  private generation: number | undefined;
  private foreign: ForeignTableError | undefined;

  /** @param config of the router; its rules do not matter */
  public constructor(
    private readonly socket: NetlinkSocket,
    private readonly config: NetworkConfig,
    private readonly interfaces: RouterInterfaces,
  ) {}

  public get inForce(): MarkedRules {
    return this.marked;
  }

  /**
   * Reads the table, unless it is unchanged since the last time.
   *
   * @returns whether it was read
   * @throws ForeignTableError, NetlinkError
   */
  public refresh(): boolean {
    // Read first, so that a concurrent change is detected the next time.
    const generation = readGeneration(this.socket);
    const isKnown = generation === this.generation;
    if (!isKnown) this.read();
    this.generation = generation;
    if (this.foreign !== undefined) throw this.foreign;
    return !isKnown;
  }

  /** Whether other rules are in force than these. */
  public differsFrom(wanted: WantedRules): boolean {
    return ruleChanges(this.marked, wanted, this.lastMark).count > 0;
  }

  /**
   * Puts these rules in force.
   *
   * @throws ForeignTableError, NetlinkError; then the old rules stay in force
   */
  public change(wanted: WantedRules): RuleChanges {
    return this.put(() => wanted);
  }

  /**
   * Puts other addresses of resolved hosts in force.
   *
   * @param addressesOf nothing where those of a port stay
   * @throws ForeignTableError, NetlinkError; then the old ones stay in force
   */
  public spread(addressesOf: (port: PortSpread) => readonly IpAddress[] | undefined): RuleChanges {
    return this.put(() => this.rulesWith(addressesOf));
  }

  /**
   * Removes retired destinations. @param ended their marks
   *
   * @throws ForeignTableError, NetlinkError; then they stay
   */
  public free(ended: ReadonlySet<number>): RuleChanges {
    return this.put(() => this.rulesWith(() => undefined), ended);
  }

  /** The rules in force, as wanted ones. */
  private rulesWith(addressesOf: (port: PortSpread) => readonly IpAddress[] | undefined): WantedRules {
    const { rules, spreads, fallbacks } = this.marked;
    return {
      rules: rules.map(({ rule }) => rule),
      spreads: spreads.map((each) => ({ ...each, addresses: addressesOf(each) })),
      fallbacks: fallbacks.map(({ address }) => address),
    };
  }

  private put(wanted: () => WantedRules, ended?: ReadonlySet<number>): RuleChanges {
    for (let attempt = 1; ; attempt++) {
      this.refresh();
      const changes = ruleChanges(this.marked, wanted(), this.lastMark, ended);
      try {
        this.commit(changes, this.generation!);
        return changes;
      } catch (error) {
        if (!hasErrno(error, ERESTART) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private read(): void {
    const { marked, differences } = readRulesInForce(this.socket, this.config, this.interfaces);
    this.foreign = differences.length > 0 ? new ForeignTableError(differences) : undefined;
    if (this.foreign !== undefined) return;
    this.marked = this.named(marked);
    this.lastMark = Math.max(this.lastMark, highestMark(marked));
  }

  /** With what the kernel's table does not have: long names, and the partner's ports of hosts without an address. */
  private named(marked: MarkedRules): MarkedRules {
    const known = new Map(this.marked.spreads.map((each) => [spreadKey(each), each]));
    const spreads = marked.spreads.map((each) => {
      const earlier = known.get(spreadKey(each));
      const host = isSameHost(earlier?.host, each.host) ? earlier?.host : each.host;
      return { ...each, host, targetPort: each.targetPort || (earlier?.targetPort ?? 0) };
    });
    return { ...marked, spreads };
  }

  private commit(changes: RuleChanges, generation: number): void {
    const change = routerTableChange(this.config, this.interfaces, changes);
    // A transaction without messages would change the generation alone.
    if (!isEmptyChange(change)) {
      this.transact(change, changes.after, generation);
      this.generation = nextGeneration(generation);
    }
    this.marked = changes.after;
    this.lastMark = changes.lastMark;
  }

  private transact(change: NftTableChange, after: MarkedRules, generation: number): void {
    const { link, primary } = this.interfaces;
    const operation = `change table inet ${TABLE_NAME}`;
    try {
      this.socket.transaction(changeTable(change, generation), operation);
    } catch (error) {
      if (!hasErrno(error, ENFILE)) throw error;
      const table = routerTable(this.config, link, primary, after);
      this.socket.transaction(refillTable(table, generation), operation);
    }
  }
}
