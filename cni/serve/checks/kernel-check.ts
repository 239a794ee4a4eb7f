import { type DataPlane, isForwarding, isSettled, type Sysctl } from '../../../src/domain/data-plane/data-plane';
import { ruleOrderDifferences } from '../../data-plane/differences';
import { foundCommands, type IpCommands, wantedCommands } from '../../data-plane/ip-commands';
import { KernelSettingError, readSetting } from '../../data-plane/kernel-setting';
import { missingKeptRoutes } from '../../data-plane/missing-kept-routes';
import { type KeptObservation, observeKept, observeRouting, type RoutingObservation } from '../../data-plane/observe';
import { NetlinkError } from '../../netlink/netlink-error';
import type { Link } from '../../netlink/route/link';
import type { NetlinkSocket } from '../../netlink/socket';
import { type CheckName, type CheckResult, checkResult } from '../check-result';
import type { ServePart } from '../serve-part';

const ROUTING_CHECKS = ['link', 'addresses', 'routes', 'policy-rules'] as const satisfies readonly CheckName[];

/**
 * Checks whether the kernel still has everything that traffic needs: the interface, its addresses, routes, policy rules
 * and forwarding. CHECK, which the runtime calls with more privileges, also finds unexpected objects.
 */
export class KernelCheck implements ServePart {
  public readonly checks = [...ROUTING_CHECKS, 'forwarding'] as const;
  private readonly forwarding: readonly Sysctl[];

  /** @param route a socket of the pod's namespace */
  public constructor(
    private readonly route: NetlinkSocket,
    private readonly plane: DataPlane,
  ) {
    this.forwarding = plane.sysctls.filter(isForwarding);
  }

  public check(): readonly CheckResult[] {
    return [...this.routing(), checkResult('forwarding', this.forwarding.flatMap(settingProblem))];
  }

  private routing(): CheckResult[] {
    try {
      return routingResults(this.plane, {
        ...observeRouting(this.route, this.plane),
        ...observeKept(this.route, this.plane),
      });
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      return ROUTING_CHECKS.map((name) => checkResult(name, [`cannot be read: ${error.message}`]));
    }
  }
}

/** The checks that need only what rtnetlink lists. */
export function routingResults(plane: DataPlane, observed: RoutingObservation & KeptObservation): CheckResult[] {
  const [wanted, found] = [wantedCommands(plane, observed.link), foundCommands(observed, plane.link.name)];
  const missing = (items: keyof IpCommands) =>
    wanted[items].filter((item) => !found[items].includes(item)).map((command) => `missing: ${command}`);
  const kept = missingKeptRoutes(plane, observed)
    // Clients are answered by the original.
    .filter(({ isInMain }) => !isInMain)
    .map(({ command }) => `missing: ${command}`);
  return [
    checkResult('link', linkProblems(plane, observed.link)),
    checkResult('addresses', missing('addresses')),
    checkResult('routes', [...missing('routes'), ...kept]),
    checkResult('policy-rules', [
      ...missing('policyRules'),
      ...ruleOrderDifferences(wanted.policyRules, found.policyRules),
    ]),
  ];
}

function linkProblems({ link: { name, mac, mode } }: DataPlane, found: Link | undefined): string[] {
  if (found === undefined) return [`interface ${name} is missing`];
  const aspects: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [found.kind !== 'macvlan', `is not a macvlan interface (${found.kind ?? 'hardware'})`],
    [found.macvlanMode !== mode, `has the mode ${found.macvlanMode ?? 'none'}, not ${mode}`],
    [found.mac !== mac, `has the MAC address ${found.mac}, not ${mac}`],
    [!found.isUp, 'is down'],
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
