import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isLinkLocal } from './link-local';
import type { Namespace } from './namespace';

/** Where the plugin notes what it made, and what it is about to note. */
const STORES = ['/run/egress-router/attachments', '/run/egress-router/unfinished'];

/** What a namespace holds, line by line, to compare before with after. */
export interface NetworkState {
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly table: readonly string[];
  readonly settings: readonly string[];
}

interface LinkEntry {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly address: string;
  readonly mtu: number;
  readonly promiscuity: number;
  readonly group: string;
  readonly linkinfo?: { readonly info_kind?: string };
}

interface AddressEntry {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

const SETTINGS = '/proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward';

/** What tells each part, in one shell: tests ask for many states. */
const QUESTIONS = [
  'ip -json -details link',
  'ip -json -details addr',
  'ip -4 route show table all; ip -6 route show table all',
  'ip -4 rule; ip -6 rule',
  'nft --stateless list ruleset',
  // A setting disappears with its interface.
  `grep -rs . ${SETTINGS} | sort || true`,
];
const SEPARATOR = '-- next --';

/** Milliseconds for which the kernel may still be working on an address. */
const SETTLING_MS = 5000;

/** Everything that the plugin could have left in a namespace. */
export function networkState(namespace: Namespace): NetworkState {
  const deadline = performance.now() + SETTLING_MS;
  for (;;) {
    const state = stateNow(namespace);
    if (isSettled(state) || performance.now() > deadline) return state;
  }
}

/** The kernel makes the local route of an IPv6 address in the background. */
function isSettled({ addresses, routes, links }: NetworkState): boolean {
  return addresses.every((line) => {
    const [ifname, address = ''] = line.split(/[ /]/);
    const isUp = links.some((link) => link.startsWith(`${ifname} `) && link.includes(' up '));
    return !isUp || !address.includes(':') || routes.some((route) => route.startsWith(`local ${address} `));
  });
}

function stateNow(namespace: Namespace): NetworkState {
  const answers = namespace.run('sh', '-ec', QUESTIONS.join(`; echo '${SEPARATOR}'; `)).split(`${SEPARATOR}\n`);
  const lines = (text: string) => text.trim().split('\n');
  const [links, addresses, routes, rules, table, settings] = answers as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    links: (JSON.parse(links) as LinkEntry[]).map(linkText),
    addresses: (JSON.parse(addresses) as AddressEntry[])
      .flatMap(({ ifname, addr_info }) => addr_info.map((address) => ({ ifname, ...address })))
      .filter(({ local }) => !isLinkLocal(local))
      .map(({ ifname, local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
    routes: lines(routes).filter((line) => !isAutomatic(line)),
    rules: lines(rules),
    table: lines(table),
    settings: lines(settings),
  };
}

/** Whether the kernel makes a route by itself for each interface, some time after it is up. */
function isAutomatic(route: string): boolean {
  const [, destination = ''] = /^(?:(?:local|anycast|multicast) )?([^\s/]+)/.exec(route) ?? [];
  return destination === 'ff00::' || isLinkLocal(destination);
}

function linkText({ ifname, flags, address, mtu, promiscuity, group, linkinfo }: LinkEntry): string {
  const kind = linkinfo?.info_kind ?? 'no kind';
  const state = flags.includes('UP') ? 'up' : 'down';
  return `${ifname} (${kind}) ${state} ${address} mtu ${mtu} promiscuity ${promiscuity} group ${group}`;
}

/** The plugin's notes of attachments of a network. */
export function storedAttachments(network: string): string[] {
  return pathsOf(network).map((path) => basename(path));
}

function pathsOf(network: string): string[] {
  return STORES.filter((store) => existsSync(store)).flatMap((store) =>
    readdirSync(store)
      .filter((name) => name.includes(network))
      .map((name) => join(store, name)),
  );
}

/** Removes the plugin's notes of pods that ended without DEL. */
export function forgetAttachments(network: string): void {
  for (const path of pathsOf(network)) rmSync(path, { force: true });
}
