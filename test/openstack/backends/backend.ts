import type { NeutronSettings } from '../server/neutron-release';
import type { BackendNeutron } from './backend-neutron';
import type { Host, Hypervisors, Machine } from './hypervisors';

/** What a backend needs to know of a port in order to connect it. */
export interface Card {
  readonly id: string;
  readonly mac: string;
  /** With the prefix lengths of their subnets. */
  readonly addresses: readonly string[];
}

/** A test's Neutron, and how machines are connected to its network. */
export interface Network {
  readonly neutron: BackendNeutron;
  /** A machine on a host, and its port. @param number the last part of its addresses */
  bound(host: Host, number: number): Promise<{ readonly port: { readonly id: string } }>;
}

/** What connects the ports of a Neutron, on two hypervisors. */
export interface Backend {
  readonly hypervisors: Hypervisors;
  /** Its part of Neutron's configuration. */
  readonly settings: NeutronSettings;
  /** Starts what asks Neutron, as soon as that answers. */
  attach?(): void;
  /** Says which of those ended too early. */
  endedEarly?(): string | undefined;
  /** The last lines of their logs. */
  log?(): string;
  /** Connects what it needs for `settle`, as soon as there is a network. */
  furnish?(network: Network): Promise<void>;
  /** A machine on a host, whose card is a port of Neutron. */
  addMachine(host: Host, card: Card): Machine;
  /** Waits until every hypervisor has programmed what Neutron was asked for. */
  settle(): Promise<void> | void;
  stop(): Promise<void>;
}
