import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';
import type { RouterIdentity } from '../router-identity';
import type { AddressPair } from './address-pair';
import { checkPairLimit, DEFAULT_PAIR_LIMIT, readPairLimit, readRouters } from './router-pairs';

/**
 * The address pairs of routers, for a port that the stack owns:
 *
 *     new openstack.networking.Port('worker-0', { networkId, allowedAddressPairs: allowedAddressPairs([router]) });
 *
 * That resource owns the whole list of the port. Never import a port that an installer made: use `AllowedAddressPair`.
 *
 * @param pairLimit the number of pairs that one port may have (`max_allowed_address_pair` of Neutron)
 * @throws an error that names every invalid value and what is accepted
 */
export function allowedAddressPairs(
  routers: readonly RouterIdentity[],
  pairLimit: number = DEFAULT_PAIR_LIMIT,
): AddressPair[] {
  const issues: Issue[] = [];
  const root = Field.root({ routers, pairLimit }, issues);
  const list = root.member('routers');
  const pairs = readRouters(list).flat();
  checkPairLimit(list, pairs.length, readPairLimit(root.member('pairLimit')) ?? DEFAULT_PAIR_LIMIT);
  if (issues.length > 0) throw new ConfigError(issues, 'allowedAddressPairs');
  return pairs.map(({ ipAddress, macAddress }) => ({ ipAddress, macAddress }));
}
