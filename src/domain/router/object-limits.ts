import { portKey } from '../values/protocol';
import type { RedirectRule } from './redirect-rule';

/**
 * The most ports of one Service. Creation accepts more, but server-side apply stores the owner of every field with the
 * object and reaches etcd's limit of 1.5 MiB at 12,275 ports named like `sctp-65535` (Kubernetes 1.34). The difference
 * leaves room for long names and annotations.
 */
export const MOST_SERVICE_PORTS = 11_000;

/**
 * The most bytes of a ConfigMap's values. @see
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/apis/core/types.go
 */
export const MOST_CONFIG_MAP_BYTES = 1024 * 1024;

/** From this many rules on, a warning says how to apply them. */
const MANY_RULES = 1_000;

/** The number of distinct (protocol, port) pairs: rules of both families may share one. */
export function servicePortCount(rules: readonly RedirectRule[]): number {
  return new Set(rules.map(portKey)).size;
}

/** Warnings about applying the objects of a router with these rules. */
export function applyWarnings(rules: readonly RedirectRule[]): string[] {
  const warnings = [];
  if (rules.length >= MANY_RULES) {
    warnings.push(
      `${rules.some(({ host }) => host === undefined) ? 'redirectRules' : 'hosts'}: ${rules.length} rules; apply them with "kubectl apply --server-side", because client-side apply ` +
        'keeps a copy of each object in an annotation of at most 262,144 bytes (reached at about 3,100 rules in operator mode, 4,900 standalone)',
    );
  }
  // A host has a Service of its own, with one protocol.
  const shared = sharedPort(rules.filter(({ host }) => host === undefined));
  if (shared !== undefined) {
    warnings.push(
      `redirectRules: port ${shared} is redirected for several protocols; apply with "kubectl apply --server-side", because ` +
        'client-side apply tells the ports of a Service apart by number alone and loses one of them when a rule changes',
    );
  }
  return warnings;
}

/** A port that is in use with more than one protocol. */
function sharedPort(rules: readonly RedirectRule[]): number | undefined {
  const protocols = new Map<number, string>();
  return rules.find(({ port, protocol }) => {
    const other = protocols.get(port) ?? protocol;
    protocols.set(port, protocol);
    return other !== protocol;
  })?.port;
}
