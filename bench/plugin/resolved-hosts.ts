import { NO_RULES } from '../../src/domain/data-plane/marked-rules';
import { isDynamic } from '../../src/domain/data-plane/nft-table';
import { nftElementTexts } from '../../src/domain/data-plane/nft-table-text';
import { routerTableChange } from '../../src/domain/data-plane/router-table-change';
import { ruleChanges, wantedRules } from '../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig } from '../../src/domain/router/network-config';
import { type IpAddress, parseIpAddress } from '../../src/domain/values/ip-address';
import { type Contestant, LAST_PORT, OURS, type RouterRequest } from './contestants';
import { SERVER } from './network';

/** A router with hosts instead of rules, the last one on the last port. Their addresses come after ADD. */
export function resolvedHosts(count: number, targetPort: number): Contestant {
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `host-${index}.example`,
    ports: [`${LAST_PORT - (count - 1 - index)} TCP ${targetPort}`],
  }));
  return {
    ...OURS,
    title: 'egress-router, hosts that it resolves',
    netconf: (request) => withHosts(OURS.netconf({ ...request, rules: [] }), hosts),
  };
}

function withHosts(netconf: object, hosts: readonly object[]): object {
  const { ip } = netconf as { readonly ip: object };
  const resolver = { servers: [SERVER], clusterCidrs: ['10.96.0.0/12'] };
  return { ...netconf, liveRules: true, ip: { ...ip, hosts, resolver } };
}

/** Commands of `nft` that put an address of each host in force: that of a real server for the last one. */
export function addressCommands(contestant: Contestant, request: RouterRequest): string {
  const config = decodeNetworkConfig(contestant.netconf(request));
  const last = config.hosts.at(-1)?.name;
  const address = (index: number) => parseIpAddress(`198.18.0.${1 + (index % 250)}`) as IpAddress;
  const server = parseIpAddress(SERVER) as IpAddress;
  const known = new Map(config.hosts.map(({ name }, index) => [name, name === last ? server : address(index)]));
  const made = ruleChanges(NO_RULES, wantedRules(config)).after;
  const changes = ruleChanges(
    made,
    wantedRules(config, ({ name }) => [known.get(name)!]),
  );
  const { table, add } = routerTableChange(config, { link: 'net1', primary: 'eth0' }, changes);
  const sets = add.filter((set) => !isDynamic(set));
  return sets.map((set) => `add element inet ${table} ${set.name} { ${nftElementTexts(set).join(', ')} }\n`).join('');
}
