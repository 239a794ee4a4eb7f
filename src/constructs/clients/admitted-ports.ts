import * as kplus from 'cdk8s-plus-28';
import { portKey } from '../../domain/values/protocol';
import type { RedirectRule } from '../redirect-rule';

/** The ports of a router's rules that a NetworkPolicy admits to: rules are added after the policy was made. */
export class AdmittedPorts {
  private readonly ports = new Map<string, kplus.NetworkPolicyPort>();

  /** All ports so far. */
  public get all(): kplus.NetworkPolicyPort[] {
    return [...this.ports.values()];
  }

  /** Adds the ports of rules, and returns those that are new. */
  public add(rules: readonly RedirectRule[]): kplus.NetworkPolicyPort[] {
    const added = new Map(rules.map((rule) => [portKey(rule), policyPort(rule)] as const));
    for (const key of this.ports.keys()) added.delete(key);
    for (const [key, port] of added) this.ports.set(key, port);
    return [...added.values()];
  }
}

function policyPort({ port, protocol }: RedirectRule): kplus.NetworkPolicyPort {
  return kplus.NetworkPolicyPort.of({ port, protocol: protocol as string as kplus.NetworkProtocol });
}
