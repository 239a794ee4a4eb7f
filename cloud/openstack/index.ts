/** Allows the packets of egress routers on OpenStack. */
export { ConfigError, type Issue } from '../../src/domain/input/issue';
export type { RouterIdentity } from '../router-identity';
export type { AddressPair } from './address-pair';
export { AllowedAddressPair } from './allowed-address-pair';
export type { AllowedAddressPairArgs } from './allowed-address-pair-args';
export type { Connection } from './client/credentials';
export { DisabledPortSecurity } from './disabled-port-security';
export type { DisabledPortSecurityArgs } from './disabled-port-security-args';
export { EgressRouterPorts } from './egress-router-ports';
export type {
  EgressRouterPortsArgs,
  NodeByAddress,
  NodeByPort,
  NodeByServer,
  Reservation,
  RouterNode,
} from './egress-router-ports-args';
export { allowedAddressPairs } from './port-pairs';
