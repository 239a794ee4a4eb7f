import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import { count } from '../count';
import { type KubernetesObject, member, records } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { planeOf } from '../plan/router-script';
import { clientLines } from './clients';
import { destinationsOf, isOnLink } from './destinations';
import type { Picture, PictureEdge, PictureGroup, PictureNode } from './picture';
import { firstLines, visibleText } from './visible-text';

/** Longer lists end with the number of remaining items: a picture of a thousand rules is not readable. */
const MOST_LINES = 8;
const MOST_DESTINATIONS = 12;
const MOST_SERVICES = 12;

/** Draws a few routers below each other, each from its clients to its destinations. */
export function routersPicture(routers: readonly Router[]): Picture {
  const parts = routers.map((router, index) => new RouterDrawing(router, index + 1));
  const names = routers.map(({ name }) => visibleText(name)).join(', ');
  return {
    title: `${routers.length === 1 ? 'Egress router' : 'Egress routers'} ${names}`,
    description: routers.map(described).join(' '),
    groups: parts.flatMap(({ groups }) => groups),
    nodes: parts.flatMap(({ nodes }) => nodes),
    edges: parts.flatMap(({ edges }) => edges),
  };
}

function described(router: Router): string {
  const { name, config } = router;
  const destinations = destinationsOf(router).map(({ title }) => title);
  const sources = config.addresses.map(({ cidr }) => cidr.address.text).join(' and ');
  const sentence = `${name}: ${clientLines(router).join('; ')} may reach ${firstLines(destinations, MOST_DESTINATIONS).join(', ')}, where they arrive from ${sources}.`;
  return visibleText(sentence);
}

class RouterDrawing {
  public readonly groups: PictureGroup[] = [];
  public readonly nodes: PictureNode[] = [];
  public readonly edges: PictureEdge[] = [];
  private readonly plane: DataPlane;

  public constructor(
    private readonly router: Router,
    private readonly number: number,
  ) {
    this.plane = planeOf(router);
    this.drawPod();
    this.drawClients();
    this.drawLan();
  }

  private drawPod(): void {
    const { plane, router } = this;
    const node = this.group('node', 'a node of the cluster');
    const pod = this.group('pod', `router pod ${router.name}`, node);
    const { link, addresses, primaryInterface } = plane;
    this.node('eth', 'interface', 'interface', primaryInterface, [], pod);
    const mac = router.mode === 'operator' ? 'MAC: new at every start' : `MAC ${link.mac}`;
    const caption = link.mode === 'bridge' ? 'macvlan interface' : `macvlan interface, ${link.mode} mode`;
    this.node('net', 'interface', caption, link.name, [...addresses.map(({ text }) => text), mac], pod);
    const parent = link.master ?? "default route's";
    this.node('parent', 'interface', 'parent interface', parent, parentLines(plane), node);
    this.edge('eth', 'net');
    this.edge('net', 'parent');
  }

  private drawClients(): void {
    const { services } = this.router.objects;
    this.node('clients', 'clients', 'clients', undefined, clientLines(this.router));
    if (services.length === 0) this.edge('clients', 'eth');
    const shown = services.length > MOST_SERVICES ? services.slice(0, MOST_SERVICES - 1) : services;
    for (const [index, service] of shown.entries()) {
      this.node(`service${index}`, 'service', serviceCaption(service), service.metadata.name, portLines(service));
      this.leadByService(`service${index}`);
    }
    if (shown.length === services.length) return;
    this.node('services', 'service', count(services.length - shown.length, 'more Service'), undefined, []);
    this.leadByService('services');
  }

  private leadByService(name: string): void {
    this.edge('clients', name);
    this.edge(name, 'eth');
  }

  private drawLan(): void {
    const gateways = this.plane.routes.flatMap(({ gateway }) => gateway?.text ?? []);
    const all = destinationsOf(this.router);
    const shown = all.length > MOST_DESTINATIONS ? all.slice(0, MOST_DESTINATIONS - 1) : all;
    if (gateways.length > 0) {
      this.node('gateway', 'lan', gateways.length === 1 ? 'gateway' : 'gateways', undefined, gateways);
      this.edge('parent', 'gateway');
    }
    for (const [index, { title, address, lines }] of shown.entries()) {
      this.node(`server${index}`, 'destination', 'destination', title, lines);
      const isDirect = address === undefined ? gateways.length === 0 : isOnLink(address, this.plane);
      this.edge(isDirect ? 'parent' : 'gateway', `server${index}`);
    }
    if (shown.length < all.length) {
      this.node('others', 'destination', count(all.length - shown.length, 'more destination'), undefined, []);
      this.edge(gateways.length > 0 ? 'gateway' : 'parent', 'others');
    }
  }

  private group(name: string, title: string, within?: string): string {
    const id = this.id(name);
    this.groups.push({ id, title: visibleText(title), ...(within === undefined ? {} : { within }) });
    return id;
  }

  private node(
    name: string,
    kind: PictureNode['kind'],
    caption: string,
    title: string | undefined,
    lines: readonly string[],
    within?: string,
  ): void {
    this.nodes.push({
      id: this.id(name),
      kind,
      caption: visibleText(caption),
      ...(title === undefined ? {} : { title: visibleText(title) }),
      lines: firstLines(lines.map(visibleText), MOST_LINES),
      ...(within === undefined ? {} : { within }),
    });
  }

  private edge(from: string, to: string): void {
    this.edges.push({ from: this.id(from), to: this.id(to) });
  }

  private id(name: string): string {
    return `r${this.number}${name}`;
  }
}

function parentLines({ link: { name, master, mtu } }: DataPlane): string[] {
  // The VLAN in names such as bond0.120 and vlan120 is only a convention.
  const vlan = /(?:\.|^vlan)(\d{1,4})$/.exec(master ?? '')?.[1];
  return [
    ...(vlan === undefined ? [] : [`VLAN ${vlan}, by its name`]),
    ...(mtu === undefined ? [] : [`MTU of ${name}: ${mtu}`]),
  ];
}

function serviceCaption({ body }: KubernetesObject): string {
  const type = member(body, 'spec', 'type');
  return typeof type !== 'string' || type === 'ClusterIP' ? 'Service' : `Service (${type})`;
}

function portLines({ body }: KubernetesObject): string[] {
  return records(member(body, 'spec', 'ports')).map(({ port, protocol = 'TCP', targetPort = port }) =>
    targetPort === port ? `${port} ${protocol}` : `${port} ${protocol} → ${targetPort}`,
  );
}
