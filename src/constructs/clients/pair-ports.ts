import * as kplus from 'cdk8s-plus-28';
import { PAIR_PORT } from '../../domain/router/pair';

/** The ports on which the two pods of a router with a standby talk to each other, and no other pod to them. */
export function pairPorts(): kplus.NetworkPolicyPort[] {
  return [kplus.NetworkPolicyPort.udp(PAIR_PORT), kplus.NetworkPolicyPort.tcp(PAIR_PORT)];
}
