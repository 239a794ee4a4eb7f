import type { Lan } from '../../test/kernel/lab/lan';
import type { Namespace } from '../../test/kernel/lab/namespace';
import { MACHINES, PODS } from './addresses';

interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The network between the machines of a cluster, and the cables that lead to it. */
export class MachineNetwork {
  private readonly switch: Namespace;

  public constructor(
    outside: Lan,
    private readonly workers: number,
  ) {
    this.switch = outside.namespace('machines', { 'ipv6/conf/default/disable_ipv6': '1' });
    this.switch.batch('link add br0 type bridge forward_delay 0 mcast_snooping 0', 'link set br0 up');
  }

  /** A cable to a machine, whose end there is `eth0`. */
  public connect(machine: Namespace, { ipv4, ipv6 }: Addresses): void {
    const port = portOf(machine);
    this.switch.batch(
      `link add ${port} type veth peer name eth0 netns ${machine.name}`,
      `link set ${port} master br0 up`,
    );
    machine.batch(
      'link set eth0 up',
      `address add ${ipv4}/${MACHINES.prefix4} dev eth0`,
      `address add ${ipv6}/${MACHINES.prefix6} dev eth0 nodad`,
    );
    this.addRoutes(machine, ipv4);
  }

  /** Adds the routes to the pods of each worker, on every machine. A link that was down has lost them. */
  public addRoutes(machine: Namespace, own: string): void {
    for (let number = 1; number <= this.workers; number++) {
      const [worker, pods] = [MACHINES.worker(number), PODS.ofWorker(number)];
      if (worker.ipv4 === own) continue;
      machine.batch(`route replace ${pods.ipv4} via ${worker.ipv4}`, `route replace ${pods.ipv6} via ${worker.ipv6}`);
    }
  }

  public unplug(machine: Namespace): void {
    this.switch.batch(`link set ${portOf(machine)} down`);
  }

  public plugIn(machine: Namespace): void {
    this.switch.batch(`link set ${portOf(machine)} up`);
  }
}

/** An interface's name has 15 characters. */
function portOf({ name }: Namespace): string {
  return `to-${name.split('-').at(-1)}`;
}
