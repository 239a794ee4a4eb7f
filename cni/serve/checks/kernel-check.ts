import {
  type DataPlane,
  isForwarding,
  isSettingOf,
  isSettled,
  type Sysctl,
} from '../../../src/domain/data-plane/data-plane';
import { ruleOrderDifferences } from '../../data-plane/differences';
import { foundCommands, type IpCommands, routeCommand, wantedCommands } from '../../data-plane/ip-commands';
import { KernelSettingError, readSetting } from '../../data-plane/kernel-setting';
import { isKept, missingKeptRoutes } from '../../data-plane/missing-kept-routes';
import { type KeptObservation, observeKept, observeRouting, type RoutingObservation } from '../../data-plane/observe';
import { mayBeDown, planeOfRole } from '../../data-plane/plane-of-role';
import { NetlinkError } from '../../netlink/netlink-error';
import type { Link } from '../../netlink/route/link';
import type { NetlinkSocket } from '../../netlink/socket';
import { type CheckName, type CheckResult, checkResult } from '../check-result';
import type { ServePart } from '../serve-part';

const ROUTING_CHECKS = ['link', 'addresses', 'routes', 'policy-rules'] as const satisfies readonly CheckName[];

/**
 * Settings that decide where packets go, and with which address: by redirects and advertisements of other hosts, and by
 * what the LAN learns of the pod.
 */
const DIRECTING = /\/(accept_redirects|accept_ra|proxy_arp|arp_ignore|arp_announce|icmp_errors_use_inbound_ifaddr)$/;

/**
 * Checks whether the kernel still has everything that traffic needs, and nothing that leads it elsewhere: the
 * interface, its addresses, routes, policy rules and settings. CHECK, which the runtime calls with more privileges,
 * also compares the nf_tables table, the parent interface, and what changes no packet's way: further addresses, MTU,
 * times.
 */
export class KernelCheck implements ServePart {
  public readonly checks = [...ROUTING_CHECKS, 'forwarding'] as const;
  private readonly forwarding: readonly Sysctl[];
  /** Settings of the link, which end with it. */
  private readonly ofLink: readonly Sysctl[];

  /** @param route a socket of the pod's namespace */
  public constructor(
    private readonly route: NetlinkSocket,
    private readonly plane: DataPlane,
  ) {
    const isOfLink = (setting: Sysctl) => isSettingOf(plane.link.name, setting);
    const directing = plane.sysctls.filter(({ path }) => DIRECTING.test(path));
    this.ofLink = directing.filter(isOfLink);
    this.forwarding = [...plane.sysctls.filter(isForwarding), ...directing.filter((setting) => !isOfLink(setting))];
  }

  public check(): readonly CheckResult[] {
    return [...this.routing(), checkResult('forwarding', this.forwarding.flatMap(settingProblem))];
  }

  private routing(): CheckResult[] {
    try {
      const observed = { ...observeRouting(this.route, this.plane), ...observeKept(this.route, this.plane) };
      return routingResults(
        planeOfRole(this.plane, observed),
        observed,
        observed.link === undefined ? [] : this.ofLink,
      );
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      return ROUTING_CHECKS.map((name) => checkResult(name, [`cannot be read: ${error.message}`]));
    }
  }
}

/** @param ofLink settings of the link */
function routingResults(
  plane: DataPlane,
  observed: RoutingObservation & KeptObservation,
  ofLink: readonly Sysctl[],
): CheckResult[] {
  const [wanted, found] = [wantedCommands(plane, observed.link), foundCommands(observed, plane.link.name)];
  const missing = (items: keyof IpCommands) =>
    wanted[items].filter((item) => !found[items].includes(item)).map((command) => `missing: ${command}`);
  const unexpected = (items: keyof IpCommands) =>
    found[items].filter((item) => !wanted[items].includes(item)).map((command) => `unexpected: ${command}`);
  const otherKept = observed.keptRoutes
    .filter((route) => !isKept(route, observed.primary))
    .map((route) => `unexpected: ${routeCommand(route, observed.primary)}`);
  const kept = missingKeptRoutes(plane, observed)
    // Clients are answered by the original.
    .filter(({ isInMain }) => !isInMain)
    .map(({ command }) => `missing: ${command}`);
  return [
    checkResult('link', [...linkProblems(plane, observed.link), ...ofLink.flatMap(settingProblem)]),
    checkResult('addresses', missing('addresses')),
    checkResult('routes', [...missing('routes'), ...kept, ...unexpected('routes'), ...otherKept]),
    checkResult('policy-rules', [
      ...missing('policyRules'),
      ...unexpected('policyRules'),
      ...ruleOrderDifferences(wanted.policyRules, found.policyRules),
    ]),
  ];
}

function linkProblems(plane: DataPlane, found: Link | undefined): string[] {
  const { name, mac, mode, group } = plane.link;
  if (found === undefined) return [`interface ${name} is missing`];
  const aspects: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [found.kind !== 'macvlan', `is not a macvlan interface (${found.kind ?? 'hardware'})`],
    [found.macvlanMode !== mode, `has the mode ${found.macvlanMode ?? 'none'}, not ${mode}`],
    [found.mac !== mac, `has the MAC address ${found.mac}, not ${mac}`],
    // Routes of main by the link would lead clients' answers there.
    [found.group !== group, `is in the link group ${found.group}, not ${group}`],
    [!found.isUp && !mayBeDown(plane), 'is down'],
    // A link that is down has no carrier in any case.
    [found.isUp && !found.hasCarrier, 'has no carrier: the parent interface on the node is down or unplugged'],
  ];
  return aspects.filter(([isWrong]) => isWrong).map(([, problem]) => `${name} ${problem}`);
}

function settingProblem(setting: Sysctl): string[] {
  try {
    const found = readSetting(setting.path);
    return isSettled(setting, found) ? [] : [`sysctl ${setting.path} is ${found ?? 'missing'}, not ${setting.value}`];
  } catch (error) {
    if (!(error instanceof KernelSettingError)) throw error;
    return [error.message];
  }
}
