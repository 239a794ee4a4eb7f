import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { servicePortName } from '../../domain/router/service-ports';
import { portKey } from '../../domain/values/protocol';

/**
 * A Service whose user may bind ports before and after those of the rules: a user's port takes the place of a rule's
 * with the same number and protocol, which the API server would refuse beside it.
 */
export class BindableService extends kplus.Service {
  private readonly keys = new Set<string>();
  private readonly ofRules = new Set<string>();

  /** @param onBind is called with each port that is bound by the user */
  public constructor(
    scope: Construct,
    id: string,
    props: kplus.ServiceProps,
    private readonly onBind: (port: kplus.ServicePort) => void,
  ) {
    super(scope, id, props);
  }

  /** Binds a port of the user's. */
  public override bind(port: number, options: kplus.ServiceBindOptions = {}): void {
    this.onBind({ ...options, port });
    this.bindOwn({ ...options, port });
  }

  /** Binds a port of the user's that is known already. */
  public bindOwn(port: kplus.ServicePort): void {
    const key = keyOf(port);
    this.keys.add(key);
    // cdk8s-plus hands out the ports that it writes, and has no way to remove one.
    if (this.ofRules.delete(key)) Object.assign(this.ports.find((bound) => keyOf(bound) === key)!, named(port));
    else super.bind(port?.port, named(port));
  }

  /** Binds the port of a rule, unless there is one: of the user's, or of a rule for the other address family. */
  public bindRule(port: kplus.ServicePort): void {
    const key = keyOf(port);
    if (this.keys.has(key)) return;
    this.keys.add(key);
    this.ofRules.add(key);
    super.bind(port.port, named(port));
  }
}

function keyOf(port: kplus.ServicePort): string {
  return portKey({ protocol: protocolOf(port), port: port?.port });
}

function protocolOf(port: kplus.ServicePort): kplus.Protocol {
  return typeof port?.protocol === 'string' ? port.protocol : kplus.Protocol.TCP;
}

/** A Service of several ports needs a name for each. */
function named(port: kplus.ServicePort): kplus.ServicePort {
  const protocol = protocolOf(port);
  return { ...port, protocol, name: port?.name ?? servicePortName({ protocol, port: port?.port }) };
}
