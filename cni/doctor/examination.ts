import type { Finding } from './finding';

/**
 * What an examination is made of, in the order in which it is looked at: what others follow from comes first, and what
 * takes long last.
 */
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

/** What could not be looked at. */
export interface NotExamined {
  readonly what: string;
  /** What would allow it. */
  readonly needs: string;
  /** It would have been looked at, but for the time or an error: what is not found may be wrong all the same. */
  readonly isCutOff?: true;
}

/** What one look at a router came to. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly notExamined: readonly NotExamined[];
}

/** What one part of an examination came to. */
export interface PartResult extends Examination {
  readonly part: PartName;
}

export function found(...findings: readonly Finding[]): Examination {
  return { findings, notExamined: [] };
}

export function unseen(what: string, needs: string): Examination {
  return { findings: [], notExamined: [{ what, needs }] };
}

/** Time ran out, or the kernel refused what it should not. */
export function cutOff(what: string, needs: string): Examination {
  return { findings: [], notExamined: [{ what, needs, isCutOff: true }] };
}

export function together(examinations: readonly Examination[]): Examination {
  return {
    findings: examinations.flatMap(({ findings }) => findings),
    notExamined: examinations.flatMap(({ notExamined }) => notExamined),
  };
}
