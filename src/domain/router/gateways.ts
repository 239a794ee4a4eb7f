import type { Field, Located } from '../input/decoder';
import { bitsOf, type Cidr, contains } from '../values/cidr';
import { type IpAddress, isIpv6LinkLocal, readIpAddress } from '../values/ip-address';
import { readGateway } from './reserved-address';

export interface Gateways {
  readonly gateways: ReadonlyMap<Cidr, IpAddress>;
  readonly areComplete: boolean;
}

/**
 * Reads the gateway of each reserved address: `gateway` and `gateways` together hold at most one for each family.
 *
 * @param hasAllCidrs whether every reserved address is valid: an invalid one may belong to the gateway
 */
export function readGateways(ip: Field, cidrs: readonly Located<Cidr>[], hasAllCidrs: boolean): Gateways {
  const fields = gatewayFields(ip);
  const gateways = new Map<Cidr, IpAddress>();
  for (const field of fields) {
    const address = readIpAddress(field);
    if (address === undefined) continue;
    const cidr = cidrOfGateway(cidrs, address);
    if (!hasAllCidrs && !isReachedBy(cidr, address)) continue;
    if (cidr === undefined) field.refuse('has no reserved address of its family', 'a gateway of a reserved address');
    else if (gateways.has(cidr))
      field.refuse(`is a second gateway of ${cidr.text}`, 'one gateway for a reserved address');
    else {
      const gateway = readGateway(field, cidr);
      if (gateway !== undefined) gateways.set(cidr, gateway);
    }
  }
  return { gateways, areComplete: gateways.size === fields.length };
}

function isReachedBy(cidr: Cidr | undefined, gateway: IpAddress): boolean {
  if (cidr === undefined) return false;
  return contains(cidr, gateway) || isIpv6LinkLocal(gateway) || cidr.prefixLength === bitsOf(cidr.address.family);
}

function gatewayFields(ip: Field): Field[] {
  const single = ip.member('gateway');
  const several = ip.member('gateways');
  return [
    // The operator's template renders an empty `gateway` if the resource has none.
    ...(single.isGiven ? [single] : []),
    ...(several.isPresent ? several.elements('a list of gateways, one for a family') : []),
  ];
}

/** The reserved address whose subnet contains the gateway, else the first one of the gateway's family. */
function cidrOfGateway(cidrs: readonly Located<Cidr>[], gateway: IpAddress): Cidr | undefined {
  const sameFamily = cidrs.filter(({ value }) => value.address.family === gateway.family).map(({ value }) => value);
  return sameFamily.find((candidate) => contains(candidate, gateway)) ?? sameFamily[0];
}
