/**
 * Run by bun in a router pod's namespace: what `serve --live-rules` does, and nothing else of it.
 *
 *     bun live-rules-driver.ts CONFIG-FILE
 *
 * Prints the log, each event and the end of each look, a line of JSON each, until it is killed. Standard input has
 * requests, a line of JSON each: other addresses of hosts, or what the metrics read.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../../../cni/netlink/socket';
import { LiveRules } from '../../../cni/serve/live-rules/live-rules';
import { KERNEL_RULES } from '../../../cni/serve/metrics/kernel-rule-reader';
import { ServeLog } from '../../../cni/serve/serve-log';
import { decodeServeConfig } from '../../../src/domain/router/serve-config';
import { type Family, type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const configFile = process.argv[2]!;
const config = decodeServeConfig(JSON.parse(readFileSync(configFile, 'utf8')));
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const rules = new LiveRules(
  { configFile, config, interfaces: { link: 'net1', primary: 'eth0' } },
  {
    netfilter: NetlinkSocket.open(NETLINK_NETFILTER, 'nft'),
    route: NetlinkSocket.open(NETLINK_ROUTE, 'ip'),
  },
  new ServeLog(config.name),
  { ruleChange: (change) => print({ change }) },
);
let last = '';
const look = () => {
  const text = JSON.stringify({ checks: rules.check() });
  if (text !== last) process.stdout.write(`${text}\n`);
  last = text;
  print({ looked: true });
};
look();
print({ ready: true });
setInterval(look, 1000);

interface Request {
  readonly addresses?: readonly { readonly name: string; readonly family: Family; readonly addresses: string[] }[];
  readonly held?: readonly { readonly name: string; readonly family: Family }[];
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { addresses, held } = JSON.parse(line) as Request;
  if (addresses !== undefined) {
    const changes = addresses.map((change) => ({
      ...change,
      addresses: change.addresses.map((text) => parseIpAddress(text) as IpAddress),
    }));
    rules.setAddresses(changes);
    print({ answer: true });
  } else if (held !== undefined) {
    print({ answer: held.map(({ name, family }) => rules.heldAddresses(name, family).map(({ text }) => text)) });
  } else {
    print({ answer: KERNEL_RULES.rules() });
  }
});
