import type { NetworkInterface } from './network-interface';

/** What only a router of the Cluster Network Operator has. */
export interface OperatorRouterOptions {
  /**
   * The field `networkInterface` of the custom resource. The operator of 2026 does not pass it on, and synth prints a
   * warning; it is here to keep existing resources unchanged.
   *
   * @default - macvlan in bridge mode, on the parent interface of the router's network if it names one
   * @see https://github.com/openshift/api/blob/master/networkoperator/v1/types_egressrouter.go
   */
  readonly networkInterface?: NetworkInterface;
}

/** Every key of `OperatorRouterOptions`; the type makes it complete. */
const KEYS: Record<keyof OperatorRouterOptions, true> = { networkInterface: true };
export const OPERATOR_ROUTER_KEYS = Object.keys(KEYS);
