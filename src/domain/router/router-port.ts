import type { HostName } from '../values/host-name';
import type { Protocol } from '../values/protocol';
import { textHash } from '../values/text-hash';

/** The router's own ports for hosts lie below the kernel's ephemeral ports, and above those that people choose. */
export const FIRST_ROUTER_PORT = 10_000;
export const ROUTER_PORTS = 20_000;

/**
 * The port of the router for a port of a host. A pure function of these, so that it is the same in every synth and
 * stays when other hosts come and go; two may share one, which is refused with a free one.
 */
export function routerPort(host: HostName, protocol: Protocol, port: number): number {
  return FIRST_ROUTER_PORT + (textHash(`${host} ${protocol} ${port}`) % ROUTER_PORTS);
}

/** The first port from `start` on that is not taken, in the range of router ports. */
export function freeRouterPort(start: number, isTaken: (port: number) => boolean): number | undefined {
  for (let step = 1; step < ROUTER_PORTS; step++) {
    const port = FIRST_ROUTER_PORT + ((start - FIRST_ROUTER_PORT + step + ROUTER_PORTS) % ROUTER_PORTS);
    if (!isTaken(port)) return port;
  }
  return undefined;
}
