/**
 * The names of the EndpointSlices that the pods of a pair may make for a Service: of its one family, and of IPv6 beside
 * IPv4. Which families it has, the cluster decides.
 */
export function sliceNames(service: string): string[] {
  return [service, `${service}-ipv6`];
}
