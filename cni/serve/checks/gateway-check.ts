import type { Neighbour } from '../../../src/domain/router/serve-config';
import { NeighbourProbe } from '../../data-plane/neighbour-probe';
import { findLink } from '../../netlink/route/link';
import { type NeighbourState, neighbourState } from '../../netlink/route/neighbour';
import type { NetlinkSocket } from '../../netlink/socket';
import { type CheckResult, checkResult } from '../check-result';
import type { ServePart } from '../serve-part';

/** States of a neighbour that answered the last probe, is being probed (`probe`), or is never probed (`permanent`). */
const ANSWERS: readonly (NeighbourState | undefined)[] = ['reachable', 'stale', 'delay', 'probe', 'permanent'];

/**
 * Checks whether the gateways answer on the router's interface. An unprivileged process cannot send ARP or neighbour
 * solicitations, but a datagram makes the kernel send them, if the gateway was silent for half a second (a setting of
 * ADD). A gateway that answers only these counts as answering.
 */
export class GatewayCheck implements ServePart {
  public readonly checks = ['gateway'] as const;
  private probes: readonly NeighbourProbe[] = [];

  /**
   * @param route a socket of the pod's namespace
   * @param neighbours the current hosts to probe: a live change may redirect an address without a gateway
   */
  public constructor(
    private readonly route: NetlinkSocket,
    private readonly interfaceName: string,
    private readonly neighbours: () => readonly Neighbour[],
  ) {}

  public [Symbol.dispose](): void {
    for (const probe of this.probes) probe[Symbol.dispose]();
  }

  public ask(): void {
    this.updateProbes();
    const link = findLink(this.route, this.interfaceName);
    if (link !== undefined) for (const probe of this.probes) probe.send(link.index);
  }

  public check(): readonly CheckResult[] {
    const link = findLink(this.route, this.interfaceName);
    const problems = this.probes.flatMap(
      (probe) => problemOf(probe, link && neighbourState(this.route, probe.neighbour.address, link.index)) ?? [],
    );
    return [checkResult('gateway', problems)];
  }

  /** Keeps the probes of neighbours that are still wanted, and closes the others. */
  private updateProbes(): void {
    const before = new Set(this.probes);
    this.probes = this.neighbours().map((wanted) => {
      const known = this.probes.find(({ neighbour }) => isSame(neighbour, wanted));
      if (known !== undefined) before.delete(known);
      return known ?? new NeighbourProbe(wanted);
    });
    for (const probe of before) probe[Symbol.dispose]();
  }
}

/** The problem of a probed host, if any. @param state its state in the kernel's neighbour table */
function problemOf({ neighbour, obstacle }: NeighbourProbe, state: NeighbourState | undefined): string | undefined {
  const { address, source, isGateway } = neighbour;
  const host = `${isGateway ? 'gateway' : 'destination'} ${address.text}`;
  if (obstacle !== undefined) return `${host} cannot be probed from ${source.text} (${obstacle})`;
  if (ANSWERS.includes(state)) return undefined;
  return `${host} does not answer ${address.family === 4 ? 'ARP' : 'neighbour solicitations'}`;
}

function isSame(one: Neighbour, other: Neighbour): boolean {
  return one.source.text === other.source.text && one.address.text === other.address.text;
}
