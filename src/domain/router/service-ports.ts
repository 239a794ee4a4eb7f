import type { Field } from '../input/decoder';
import { readLabel } from '../values/kubernetes-name';
import { PROTOCOLS, type Protocol, portKey, readPort } from '../values/protocol';
import { MOST_SERVICE_PORTS, servicePortCount } from './object-limits';
import type { LocatedRule } from './redirect-rule';

/** A port of a Service. */
export interface ServicePort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** The default name of a port: `tcp-8443`. Unique within a Service. */
export function servicePortName({ protocol, port }: ServicePort): string {
  return `${protocol.toLowerCase()}-${port}`;
}

/** The router's parts that its Service's ports depend on. */
export interface ServicePortContext {
  readonly rules: readonly LocatedRule[];
  readonly hasFallback: boolean;
  readonly healthPort: number | undefined;
  readonly hasNodePorts: boolean;
  /** Ports that the user adds beside those of the options. */
  readonly boundPorts?: readonly Field[];
}

/**
 * Checks the ports that a user adds to a router's Service: each must lead to a port of a rule or the fallback, and a
 * router with only a fallback has no ports of its own.
 */
export function checkServicePorts(props: Field, context: ServicePortContext): void {
  const { rules, hasFallback } = context;
  const list = props.member('service').member('ports');
  const ports = [...(list.isPresent ? list.elements('a list of Service ports') : []), ...(context.boundPorts ?? [])];
  if (rules.length === 0 && hasFallback && ports.length === 0) {
    list.refuse(
      'leaves the Service without ports: fallbackIp alone redirects every port, and a Service has to name them',
      'at least one port, such as { port: 443 }',
    );
  }
  const count = servicePortCount(rules.map(({ value }) => value)) + ports.length;
  if (count > MOST_SERVICE_PORTS) {
    const total = props.member('redirectRules').withValue(count);
    total.refuse(
      'ports are more than the API server takes in one Service',
      `at most ${MOST_SERVICE_PORTS} ports in one router`,
    );
  }
  const check = new ServicePortCheck(context);
  for (const field of ports) check.add(field);
  check.addRuleNames();
}

/** Checks the ports of one Service, one after the other. */
class ServicePortCheck {
  private readonly served: ReadonlySet<string>;
  private readonly ports = new Map<string, Field>();
  private readonly names = new Map<string, Field>();
  private readonly nodePorts = new Map<string, Field>();

  public constructor(private readonly context: ServicePortContext) {
    const { rules, healthPort } = context;
    const served = new Set(rules.map(({ value }) => portKey(value)));
    if (healthPort !== undefined) served.add(portKey({ protocol: 'TCP', port: healthPort }));
    this.served = served;
  }

  public add(field: Field): void {
    if (!field.isObjectOf(['port', 'targetPort', 'protocol', 'name', 'nodePort'])) return;
    const port = readPort(field.member('port'));
    const target = field.member('targetPort').optional(readPort) ?? port;
    const protocol = field.member('protocol').optional((member) => member.word(PROTOCOLS)) ?? 'TCP';
    const name = field.member('name').optional(readLabel);
    this.checkNodePort(field.member('nodePort'), protocol);
    if (port === undefined || target === undefined) return;
    const earlier = this.ports.get(portKey({ port, protocol }));
    if (earlier !== undefined) {
      field.refuse(`is ${protocol} port ${port} as ${earlier.path} is already`, 'one entry for a protocol and port');
    }
    this.ports.set(portKey({ port, protocol }), field);
    this.addName(name ?? servicePortName({ port, protocol }), field);
    if (this.context.hasFallback || this.served.has(portKey({ port: target, protocol }))) return;
    field.refuse(
      `leads to ${protocol} port ${target} of the router, where no rule listens`,
      'a port of a redirect rule, or a fallbackIp that takes every port',
    );
  }

  /** The ports of rules get their names after the user's ports. */
  public addRuleNames(): void {
    for (const [key, port] of new Map(this.context.rules.map(({ value }) => [portKey(value), value]))) {
      const name = servicePortName(port);
      if (this.ports.has(key)) continue;
      this.names
        .get(name)
        ?.refuse(
          `is named "${name}", which is the name of ${port.protocol} port ${port.port}`,
          'a name that no other port of the Service has',
        );
    }
  }

  private checkNodePort(field: Field, protocol: Protocol): void {
    const nodePort = field.optional(readPort);
    if (nodePort === undefined) return;
    if (!this.context.hasNodePorts)
      field.refuse(
        'is a node port of a Service that has none',
        'a node port with service.type NodePort or LoadBalancer',
      );
    const holder = this.nodePorts.get(portKey({ protocol, port: nodePort }));
    if (holder !== undefined) field.refuse(`is ${holder.path} already`, 'another node port');
    this.nodePorts.set(portKey({ protocol, port: nodePort }), field);
  }

  private addName(name: string, field: Field): void {
    const holder = this.names.get(name);
    if (holder !== undefined)
      field.refuse(`is named "${name}" as ${holder.path} is already`, 'a name that no other port of the Service has');
    this.names.set(name, field);
  }
}
