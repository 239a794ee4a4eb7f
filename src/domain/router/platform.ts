import type { Field } from '../input/decoder';

/**
 * The infrastructure of the cluster's nodes. A router needs a network card that passes a second MAC address; some
 * infrastructures allow it, some after a setting, some never.
 *
 * @see https://github.com/cdk8s-egress-router/cdk8s-egress-router/blob/main/docs/platforms.md
 */
export enum Platform {
  /** Physical servers. A switch with port security must admit the router's MAC address. */
  BARE_METAL = 'BareMetal',
  /** QEMU/KVM with virtio-net on a Linux bridge. Works unless a network filter forbids MAC spoofing. */
  KVM = 'KVM',
  /**
   * OpenStack. Every node's port needs the router's IP and MAC as an allowed address pair; with ML2/OVN, a port without
   * port security.
   */
  OPENSTACK = 'OpenStack',
  /** VMware vSphere. The port group must accept forged transmits and promiscuous mode, or learn MAC addresses. */
  VSPHERE = 'vSphere',
  /** oVirt and Red Hat Virtualization. The virtual card's profile must have no network filter. */
  OVIRT = 'oVirt',
  /** KubeVirt and OpenShift Virtualization. The secondary network must not check for MAC spoofing. */
  KUBEVIRT = 'KubeVirt',
  /** Hyper-V. The virtual card must have MAC address spoofing switched on. */
  HYPER_V = 'HyperV',
  /** Amazon Web Services. Refused: a VPC is a layer 3 network. */
  AWS = 'AWS',
  /** Microsoft Azure. Refused: a virtual network is a layer 3 overlay. */
  AZURE = 'Azure',
  /** Google Cloud. Refused: the VPC itself answers ARP, from tables that users cannot change. */
  GCP = 'GCP',
  /** IBM Cloud VPC. Refused: packets with a foreign MAC are dropped. */
  IBM_CLOUD_VPC = 'IBMCloudVPC',
  /** DigitalOcean. Refused: traffic that does not match a Droplet's own IP and MAC is dropped. */
  DIGITAL_OCEAN = 'DigitalOcean',
  /** Hetzner Cloud. Refused: its networks are layer 3. Hetzner's dedicated servers are `BARE_METAL`. */
  HETZNER_CLOUD = 'HetznerCloud',
  /** Exoscale. Refused: a private network does not carry unknown MAC addresses. */
  EXOSCALE = 'Exoscale',
}

/** The reason why a platform cannot carry a router, from its own documentation, and the alternative. */
interface Refusal {
  readonly reason: string;
  readonly instead: string;
  readonly source: string;
}

const OVN_EGRESS_IP = 'EgressIP of OVN-Kubernetes, the egress gateway of Cilium';

export const REFUSED_PLATFORMS: ReadonlyMap<Platform, Refusal> = new Map([
  [
    Platform.AWS,
    {
      reason: 'a VPC is a layer 3 network that delivers only to the MAC of a network interface of its own',
      instead: `${OVN_EGRESS_IP}, or a NAT gateway`,
      source: 'https://github.com/openshift/openshift-docs/blob/main/modules/nw-egress-router-about.adoc',
    },
  ],
  [
    Platform.AZURE,
    {
      reason: 'a virtual network is a layer 3 overlay without layer 2 semantics',
      instead: `${OVN_EGRESS_IP}, or a NAT gateway`,
      source: 'https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq',
    },
  ],
  [
    Platform.GCP,
    {
      reason: 'the VPC answers ARP itself and delivers only to the MAC addresses of its own interfaces',
      instead: `${OVN_EGRESS_IP}, or Cloud NAT with reserved addresses`,
      source: 'https://cloud.google.com/vpc/docs/advanced-vpc',
    },
  ],
  [
    Platform.IBM_CLOUD_VPC,
    {
      reason: 'packets with a foreign MAC are dropped, and that cannot be switched off',
      instead: `${OVN_EGRESS_IP}, or a public gateway`,
      source: 'https://cloud.ibm.com/docs/vpc?topic=vpc-ip-spoofing-about',
    },
  ],
  [
    Platform.DIGITAL_OCEAN,
    {
      reason: "traffic that does not match a Droplet's own IP and MAC is dropped",
      instead: OVN_EGRESS_IP,
      source: 'https://docs.digitalocean.com/products/droplets/details/limits/',
    },
  ],
  [
    Platform.HETZNER_CLOUD,
    {
      reason: "its networks are layer 3: a server resolves no MAC but the gateway's",
      instead: OVN_EGRESS_IP,
      source: 'https://docs.hetzner.com/networking/networks/technical-concepts/architecture',
    },
  ],
  [
    Platform.EXOSCALE,
    {
      reason: 'a private network does not carry MAC addresses that it does not know',
      instead: OVN_EGRESS_IP,
      source: 'https://community.exoscale.com/product/networking/private-network/overview/',
    },
  ],
]);

const ALL = Object.values(Platform);

/** The platforms that can carry a router. */
export const CARRYING_PLATFORMS = ALL.filter((platform) => !REFUSED_PLATFORMS.has(platform));

/**
 * The number of MAC addresses that a network card filters in hardware before falling back to software: QEMU's
 * virtio-net.
 */
export const DEFAULT_MAC_BUDGET = 64;

/** Reads a platform, and rejects one that drops a second MAC address. */
export function readPlatform(field: Field): Platform | undefined {
  const platform = field.word(ALL, CARRYING_PLATFORMS.join(', '));
  const refusal = platform && REFUSED_PLATFORMS.get(platform);
  if (refusal === undefined) return platform;
  return field.refuse(
    `cannot carry a second MAC address: ${refusal.reason} (${refusal.source}); use there: ${refusal.instead}`,
    CARRYING_PLATFORMS.join(', '),
  );
}
