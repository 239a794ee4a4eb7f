/** What an examination is made of, in the order in which it is looked at: what others follow from comes first, and what takes long last. */
export const PARTS = {
  configuration: "the configuration of the router's process",
  parent: 'the parent interface',
  state: 'links, addresses, routes, policy rules and kernel settings',
  connections: 'the table of connections',
  capture: 'who captures on the interfaces',
  gateway: 'whether the gateway answers',
  holder: 'another holder of the address',
  table: 'the nf_tables table and its rules',
  foreign: 'tables of others',
  ports: 'source ports in use',
  destinations: 'the destinations',
} as const;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];
