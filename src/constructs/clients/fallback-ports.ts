import * as kplus from 'cdk8s-plus-28';
import { PAIR_PORT } from '../../domain/router/pair';

const HIGHEST_PORT = 65535;

/** The ports of a router's own process, which are not for clients. */
export interface ProcessPorts {
  /** 1024 to 65535 */
  readonly healthPort: number;
  /** Whether the router has a standby, and so a port on which its pods talk to each other. */
  readonly standby: boolean;
}

/** The ports of a router with a fallback that a NetworkPolicy admits clients to: every one but those of the process. */
export function fallbackPorts({ healthPort, standby }: ProcessPorts): kplus.NetworkPolicyPort[] {
  const ofPair = standby ? [PAIR_PORT] : [];
  const { TCP, UDP, SCTP } = kplus.NetworkProtocol;
  const all = (protocol: kplus.NetworkProtocol) => [kplus.NetworkPolicyPort.of({ protocol })];
  return [
    ...rangesBetween([healthPort, ...ofPair], TCP),
    ...(standby ? rangesBetween(ofPair, UDP) : all(UDP)),
    ...all(SCTP),
  ];
}

/** What ports leave of all others, in ascending order. */
function rangesBetween(ports: readonly number[], protocol: kplus.NetworkProtocol): kplus.NetworkPolicyPort[] {
  const borders = [0, ...[...ports].sort((one, other) => one - other), HIGHEST_PORT + 1];
  return borders.slice(1).flatMap((border, index) => {
    const [port, endPort] = [borders[index]! + 1, border - 1];
    return port > endPort ? [] : [kplus.NetworkPolicyPort.of({ protocol, port, endPort })];
  });
}
