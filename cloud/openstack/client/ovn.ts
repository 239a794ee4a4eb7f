/** What OVN does with a pair of another MAC address than the port's, and what to use instead. */
export const OVN_WAY_OUT =
  "it accepts a pair only with the port's own MAC address (newer releases answer 400 InvalidVirtualMACAddress), or delivers " +
  'the MAC address of a pair to one fixed port, wherever the router runs; give the nodes a network card of their own for ' +
  'routers, and use disablePortSecurity: true (DisabledPortSecurity) for its ports';

interface BoundPort {
  readonly 'binding:vif_details'?: { readonly bound_drivers?: Readonly<Record<string, string>> };
}

/** Whether ML2/OVN has bound the port, as far as the user can see: only administrators see bindings by default. */
export function isBoundByOvn(port: BoundPort): boolean {
  return Object.values(port['binding:vif_details']?.bound_drivers ?? {}).includes('ovn');
}
