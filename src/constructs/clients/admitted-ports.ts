import * as kplus from 'cdk8s-plus-28';
import { portKey } from '../../domain/values/protocol';
import type { ListeningPort } from './listening-ports';

/** The ports of a router that a NetworkPolicy admits to: rules and hosts are added after it was made. */
export class AdmittedPorts {
  private readonly ports = new Map<string, kplus.NetworkPolicyPort>();

  /** All ports so far. */
  public get all(): kplus.NetworkPolicyPort[] {
    return [...this.ports.values()];
  }

  /** Adds ports, and returns those that are new. */
  public add(ports: readonly ListeningPort[]): kplus.NetworkPolicyPort[] {
    const added = new Map(ports.map((port) => [portKey(port), policyPort(port)] as const));
    for (const key of this.ports.keys()) added.delete(key);
    for (const [key, port] of added) this.ports.set(key, port);
    return [...added.values()];
  }
}

function policyPort({ port, protocol }: ListeningPort): kplus.NetworkPolicyPort {
  return kplus.NetworkPolicyPort.of({ port, protocol: protocol as kplus.NetworkProtocol });
}
