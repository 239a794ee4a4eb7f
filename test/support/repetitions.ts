/** How often a test repeats what it does with other values: to the end with `npm test -- --full`. */
export function repetitions(usual: number, full: number): number {
  return process.env.EGRESS_ROUTER_FULL === undefined ? usual : full;
}
