import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import type { HostName } from '../../domain/values/host-name';
import { readSubdomain } from '../../domain/values/kubernetes-name';
import type { EgressRouter } from '../egress-router';
import { canonicalName } from './host-text';

/** What the constructs for the cluster's DNS have in common. */
export interface LedNamesProps {
  readonly routers: EgressRouter[];
  readonly clusterDomain?: string;
}

/** The hosts of routers, which a CoreDNS leads to their Services. */
export interface LedNames {
  readonly names: readonly HostName[];
  /** Lines of a Corefile, one for each name: the question goes on for the Service, and the answer has the name. */
  readonly lines: readonly string[];
  /** Domain of the cluster's Services. */
  readonly domain: string;
}

/** Some of the names, and those of no router. */
export const NO_NAMES: LedNames = { names: [], lines: [], domain: 'cluster.local' };

const ROUTERS = 'a list of EgressRouter constructs';

/**
 * Reads the hosts of the routers as they are now. A wrong host is an issue of its router.
 *
 * @param root the props of a construct, whose other members it reads itself
 */
export function readLedNames(root: Field): LedNames {
  const domain = root.member('clusterDomain').optional(readSubdomain) ?? NO_NAMES.domain;
  const holders = new Map<HostName, EgressRouter>();
  const lines = root
    .member('routers')
    .elements(ROUTERS)
    .flatMap((field) => {
      const router = field.value as EgressRouter;
      if (typeof (router as Partial<EgressRouter> | null)?.hostService !== 'function')
        return field.refuse('is not a router', ROUTERS) ?? [];
      return linesOf(field, router, { domain, holders });
    });
  return { names: [...holders.keys()], lines, domain };
}

/** Reads the hosts of routers that have one. */
export function readSomeNames(root: Field): LedNames {
  const found = readLedNames(root);
  const routers = root.member('routers');
  const areRouters = Array.isArray(routers.value) && routers.value.every((router) => router?.hosts !== undefined);
  if (areRouters && found.names.length === 0)
    routers.withValue('no host').refuse('is not enough', 'a router with a host');
  return found;
}

/** The hosts for text that is made at synth, after the validation. */
export function ledNamesOf(props: LedNamesProps): LedNames {
  const issues: Issue[] = [];
  return readLedNames(Field.root(props ?? undefined, issues));
}

interface Names {
  readonly domain: string;
  /** The router of each name so far. */
  readonly holders: Map<HostName, EgressRouter>;
}

function linesOf(field: Field, router: EgressRouter, { domain, holders }: Names): string[] {
  const shown = field.withValue(router.node.path);
  if (router.namespace === undefined && router.hosts.length > 0) {
    shown.refuse('has no namespace, which is a part of the names of its Services', 'a router whose namespace is known');
    return [];
  }
  return router.hosts.flatMap((host) => {
    const name = canonicalName(String(host?.name));
    const service = router.hostService(name);
    const earlier = holders.get(name);
    if (service === undefined || earlier === router) return [];
    if (earlier !== undefined) {
      shown.refuse(`has the host ${name}, which [${earlier.node.path}] has too`, 'one router for a name in a cluster');
      return [];
    }
    if (name === domain || name.endsWith(`.${domain}`)) {
      shown.refuse(`has the host ${name}, a name of the cluster, whose domain is ${domain}`, 'a host outside of it');
      return [];
    }
    holders.set(name, router);
    return [`rewrite name exact ${name} ${service.name}.${router.namespace}.svc.${domain} answer auto`];
  });
}

/** Where a server of a CoreDNS listens, and asks. */
export interface ServerPlace {
  readonly port: number;
  /** The DNS server that knows the cluster's Services: `ADDRESS` or `ADDRESS:PORT`. */
  readonly clusterDns: string;
  /** Further lines of the server. */
  readonly plugins?: readonly string[];
}

/**
 * A server of a Corefile for the names and those below them: the names lead to their Services, and the node's DNS
 * servers know the others, as before.
 */
export function serverText(
  { names, lines, domain }: LedNames,
  { port, clusterDns, plugins = [] }: ServerPlace,
): string {
  // A server without names would be one for all.
  if (names.length === 0) return '';
  const body = ['errors', ...plugins, ...lines, `forward svc.${domain} ${clusterDns}`, 'forward . /etc/resolv.conf'];
  return [`${names.map((name) => `${name}:${port}`).join(' ')} {`, ...body.map((line) => `    ${line}`), '}', ''].join(
    '\n',
  );
}
