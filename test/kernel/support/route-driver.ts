/**
 * Run by bun within a network namespace: makes the calls that stand as JSON on standard input, one after the other on
 * one socket. Prints one line of JSON: what each of them returned, or the error that the kernel's refusal became.
 */

import { openSync, readFileSync } from 'node:fs';
import { AF_INET } from '../../../cni/ffi/address-family';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { addAddress, listAddresses } from '../../../cni/netlink/route/address';
import { RTM_GETROUTE } from '../../../cni/netlink/route/constants';
import {
  addMacvlan,
  deleteLink,
  findLink,
  findLinkByIndex,
  findNamespaceId,
  listLinks,
  type MacvlanLink,
  setLinkAddress,
  setLinkDown,
  setLinkUp,
} from '../../../cni/netlink/route/link';
import { addPolicyRule, deletePolicyRule, listPolicyRules } from '../../../cni/netlink/route/policy-rule';
import { addRoute, deleteRoute, findRouteTo, listRoutes, type Route } from '../../../cni/netlink/route/route';
import { NETLINK_ROUTE, NetlinkSocket } from '../../../cni/netlink/socket';

/** A macvlan in the namespace that a path names. */
type MacvlanInput = Omit<MacvlanLink, 'namespaceFd'> & { readonly namespace: string };

const requests = {
  addMacvlan: ({ namespace, ...link }: MacvlanInput) => addMacvlan({ ...link, namespaceFd: openSync(namespace, 'r') }),
  setLinkUp,
  setLinkDown,
  setLinkAddress,
  deleteLink,
  addAddress,
  addRoute,
  deleteRoute,
  addRule: addPolicyRule,
  deleteRule: deletePolicyRule,
};

const questions = {
  findLink,
  findLinkByIndex,
  findNamespaceId,
  findRouteTo,
  listLinks,
  listAddresses,
  listRoutes,
  listRules: listPolicyRules,
};

const CALLS = {
  ...(Object.fromEntries(
    Object.entries(requests).map(([name, request]) => [
      name,
      (socket: NetlinkSocket, ...values: unknown[]) =>
        socket.change((request as (...values: unknown[]) => ReturnType<typeof addRoute>)(...values)),
    ]),
  ) as { [Name in keyof typeof requests]: (socket: NetlinkSocket, ...v: Parameters<(typeof requests)[Name]>) => void }),
  ...questions,
  /** `ip -4 route show table TABLE`, without what our own list makes of a refusal. */
  dumpTable: (socket: NetlinkSocket, table: number) =>
    socket.dump({
      type: RTM_GETROUTE,
      flags: 0,
      operation: `ip route show table ${table}`,
      write: (writer) => writer.u8(AF_INET).zeros(3).u8(table).zeros(7),
    }).length,
  /** Several in one datagram. */
  addRoutes: (socket: NetlinkSocket, routes: readonly Route[]) => socket.changes(routes.map(addRoute)),
};

type Calls = typeof CALLS;
type Rest<T> = T extends readonly [unknown, ...infer Others] ? Others : never;

/** The name of a call and its values. */
export type RouteCall = { [Name in keyof Calls]: readonly [Name, ...Rest<Parameters<Calls[Name]>>] }[keyof Calls];

export interface RouteAnswer {
  readonly result?: unknown;
  readonly error?: string;
  readonly milliseconds: number;
}

function answer(socket: NetlinkSocket, [name, ...values]: RouteCall): RouteAnswer {
  const start = performance.now();
  const milliseconds = () => performance.now() - start;
  try {
    const result = (CALLS[name] as (socket: NetlinkSocket, ...values: unknown[]) => unknown)(socket, ...values);
    return { result, milliseconds: milliseconds() };
  } catch (error) {
    if (error instanceof NetlinkError) return { error: error.message, milliseconds: milliseconds() };
    throw error;
  }
}

function main(): void {
  const calls = JSON.parse(readFileSync(0, 'utf8')) as RouteCall[];
  using socket = NetlinkSocket.open(NETLINK_ROUTE, 'rtnetlink');
  console.log(JSON.stringify(calls.map((call) => answer(socket, call))));
}

main();
