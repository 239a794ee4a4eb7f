export type { RouterIdentity } from '../router-identity';
export type { AllowedAddressPairArgs } from './allowed-address-pair-args';
export type { Connection } from './connection';
export type {
  EgressRouterPortsArgs,
  NodeByAddress,
  NodeByPort,
  NodeByServer,
  Reservation,
  RouterNode,
} from './egress-router-ports-args';
