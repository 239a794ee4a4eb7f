import type { ServicePort } from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';
import { type Family, familyName, parseIpAddress } from '../../domain/values/ip-address';
import { portKey } from '../../domain/values/protocol';
import type { EgressRouterServiceOptions } from './egress-router-service-options';

/** What a Service takes of the whole cluster: `node port TCP 30443`, `cluster IP 172.30.0.9`. */
export function serviceReservations(
  { ports, clusterIp }: EgressRouterServiceOptions,
  boundPorts: readonly ServicePort[],
): string[] {
  const nodePorts = [...(Array.isArray(ports) ? ports : []), ...boundPorts].flatMap((port) =>
    typeof port?.nodePort === 'number' ? [portKey({ protocol: port.protocol ?? 'TCP', port: port.nodePort })] : [],
  );
  const address = typeof clusterIp === 'string' ? parseIpAddress(clusterIp) : '';
  const clusterIps = typeof address === 'string' ? [] : [`cluster IP ${address.text}`];
  return [...nodePorts.map((port) => `node port ${port}`), ...clusterIps];
}

/** Refuses a cluster IP of a family that no rule has: the Service has the families of the rules. */
export function checkFamily(clusterIp: Field, families: readonly Family[]): void {
  const address = typeof clusterIp.value === 'string' ? parseIpAddress(clusterIp.value) : '';
  if (typeof address === 'string' || families.length === 0 || families.includes(address.family)) return;
  const accepted = `an ${families.map(familyName).join(' or ')} address, as the destinations have`;
  clusterIp.refuse(`is an ${familyName(address.family)} address, and no rule leads to one`, accepted);
}
