import * as kplus from 'cdk8s-plus-28';

const HIGHEST_PORT = 65535;

/**
 * The ports of a router with a fallback that a NetworkPolicy admits clients to: every one except the health port, which
 * is not for clients.
 *
 * @param healthPort 1024 to 65535
 */
export function fallbackPorts(healthPort: number): kplus.NetworkPolicyPort[] {
  const below = kplus.NetworkPolicyPort.tcpRange(1, healthPort - 1);
  const above = healthPort === HIGHEST_PORT ? [] : [kplus.NetworkPolicyPort.tcpRange(healthPort + 1, HIGHEST_PORT)];
  const others = [kplus.NetworkProtocol.UDP, kplus.NetworkProtocol.SCTP];
  return [below, ...above, ...others.map((protocol) => kplus.NetworkPolicyPort.of({ protocol }))];
}
