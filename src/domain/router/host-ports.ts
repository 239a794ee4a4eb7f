import type { Located } from '../input/decoder';
import type { HostName } from '../values/host-name';
import { portKey } from '../values/protocol';
import type { HostPort } from './host';
import type { LocatedRule } from './redirect-rule';
import { freeRouterPort } from './router-port';

interface Taken {
  readonly rules: readonly LocatedRule[];
  readonly healthPort: number | undefined;
}

/** A host as far as its router ports are concerned. */
interface HostWithPorts {
  /** Each with the field that says the port of the router. */
  readonly ports: readonly Located<HostPort>[];
}

/**
 * The ports of a router that are taken, by rules, the health port and hosts. A port that is taken is refused with the
 * override to paste; the host goes on with the free one, so that one issue does not cause a second.
 */
export class RouterPortBook {
  /** What has each port, in words. */
  private readonly holders = new Map<string, string>();

  public constructor({ rules, healthPort }: Taken) {
    for (const { value, field } of rules) this.holders.set(portKey(value), field.path);
    if (healthPort !== undefined)
      this.holders.set(
        portKey({ protocol: 'TCP', port: healthPort }),
        'the health port, where the router answers probes',
      );
  }

  /** Takes the ports of a host. */
  public place(host: HostName, { ports }: HostWithPorts): Located<HostPort>[] {
    const placed: Located<HostPort>[] = [];
    const taken: (readonly [Located<HostPort>, holder: string])[] = [];
    for (const port of ports) {
      const holder = this.holders.get(keyOf(port.value));
      const free = holder === undefined ? undefined : this.freePort(port.value);
      if (holder !== undefined) taken.push([port, holder]);
      const value = { ...port.value, routerPort: free ?? port.value.routerPort };
      this.holders.set(keyOf(value), `port ${value.port} of ${host}`);
      placed.push({ ...port, value });
    }
    const accepted = `routerPorts: [${placed.map(({ value }) => value.routerPort).join(', ')}] for this host, or other free ones`;
    for (const [port, holder] of taken)
      port.field.refuse(
        `has ${port.value.protocol} port ${port.value.routerPort} of the router, as has ${holder}`,
        accepted,
      );
    return placed;
  }

  private freePort({ protocol, routerPort }: HostPort): number | undefined {
    return freeRouterPort(routerPort, (port) => this.holders.has(portKey({ protocol, port })));
  }
}

function keyOf({ protocol, routerPort: port }: HostPort): string {
  return portKey({ protocol, port });
}
