import { type DataPlane, type DataPlaneRoute, type PolicyRule, ROUTE_PROTOCOL, type Sysctl } from './data-plane';
import { nftTableText } from './nft-table-text';

/**
 * The commands that make the same in the pod's namespace as the plugin does over netlink, in its order: first what drops, and
 * forwarding at the end. They are shell lines for people; nothing in this library runs them.
 *
 * @param parent the node's interface that the link is made on, where the configuration names none
 */
export function dataPlaneCommands(plane: DataPlane, parent: string): string[] {
  const { link, addresses, routes, policyRules, sysctls, table } = plane;
  const ofLink = ({ path }: Sysctl) => path.includes(`/conf/${link.name}/`);
  const mtu = link.mtu === undefined ? '' : ` mtu ${link.mtu}`;
  return [
    `nft -f - <<'EOF'\n${nftTableText(table)}EOF`,
    // On the node: the parent is not in the pod.
    `ip link add ${link.name} netns POD link ${link.master ?? parent} address ${link.mac}${mtu} type macvlan mode ${link.mode}`,
    `ip link set ${link.name} up`,
    ...sysctls.filter(ofLink).map(sysctlCommand),
    ...addresses.map(({ text, address }) => {
      const nodad = address.family === 6 ? ' nodad' : '';
      return `ip address add ${text} dev ${link.name} noprefixroute${nodad}`;
    }),
    ...routes.map((route) => routeCommand(route, link.name)),
    ...policyRules.map(ruleCommand),
    ...sysctls.filter((setting) => !ofLink(setting)).map(sysctlCommand),
  ];
}

/** `sysctl` takes slashes as they are, so that an interface's name may hold a dot. */
function sysctlCommand({ path, value, insteadOf }: Sysctl): string {
  const command = `sysctl -w ${path}=${value}`;
  return insteadOf === undefined ? command : `test "$(sysctl -n ${path})" != ${insteadOf} || ${command}`;
}

function routeCommand({ family, table, type, destination, gateway, metric }: DataPlaneRoute, link: string): string {
  const words = [
    `ip -${family} route add`,
    ...(type === 'unreachable' ? ['unreachable'] : []),
    destination?.text ?? 'default',
    ...(gateway === undefined ? [] : [`via ${gateway.text}`]),
    ...(type === 'unreachable' ? [] : [`dev ${link}`]),
    `table ${table}`,
    ...(metric === undefined ? [] : [`metric ${metric}`]),
    `proto ${ROUTE_PROTOCOL}`,
  ];
  return words.join(' ');
}

function ruleCommand({ family, priority, incoming, source, table }: PolicyRule): string {
  const words = [
    `ip -${family} rule add priority ${priority}`,
    ...(source === undefined ? [] : [`from ${source.text}`]),
    ...(incoming === undefined ? [] : [`iif ${incoming}`]),
    table === undefined ? 'unreachable' : `lookup ${table}`,
    `protocol ${ROUTE_PROTOCOL}`,
  ];
  return words.join(' ');
}
