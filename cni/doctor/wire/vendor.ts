import type { MacAddress } from '../../../src/domain/values/mac-address';

/** First octets of MAC addresses that are met beside a router, and who gives them out. */
const VENDORS: readonly (readonly [prefix: string, vendor: string])[] = [
  ['e2:65:', 'an egress router of this library'],
  ['00:50:56:', 'VMware'],
  ['00:0c:29:', 'VMware'],
  ['52:54:00:', 'QEMU/KVM'],
  ['fa:16:3e:', 'OpenStack'],
  ['00:15:5d:', 'Hyper-V'],
  ['00:16:3e:', 'Xen'],
  ['50:6b:8d:', 'Nutanix AHV'],
  ['00:1a:4a:', 'oVirt'],
  ['56:6f:', 'oVirt'],
  ['02:42:', 'a container of Docker'],
  ['0a:58:', 'a pod of OVN-Kubernetes'],
  ['ee:ee:', 'Calico'],
  ['00:00:5e:00:01:', 'VRRP, an address that moves between routers'],
  ['00:00:5e:00:02:', 'VRRP, an address that moves between routers'],
];

/** @see https://standards-oui.ieee.org/ */
export function vendorOf(mac: MacAddress): string | undefined {
  return VENDORS.find(([prefix]) => mac.startsWith(prefix))?.[1];
}
