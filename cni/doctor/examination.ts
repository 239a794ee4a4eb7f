import type { Finding } from './finding';

/**
 * The parts of an examination, in order: causes of others first, slow parts last.
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
  names: 'the names that the router resolves',
} as const;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

/** A part that could not be examined. */
export interface NotExamined {
  readonly what: string;
  /** What would allow examining it. */
  readonly needs: string;
  /** Whether the time limit or an error is the reason: there may be undetected findings. */
  readonly isCutOff?: true;
}

/** The result of an examination. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly notExamined: readonly NotExamined[];
}

/** The result of one part of an examination. */
export interface PartResult extends Examination {
  readonly part: PartName;
}

export function found(...findings: readonly Finding[]): Examination {
  return { findings, notExamined: [] };
}

export function unseen(what: string, needs: string): Examination {
  return { findings: [], notExamined: [{ what, needs }] };
}

/** A part that the time limit or an unexpected error cut off. */
export function cutOff(what: string, needs: string): Examination {
  return { findings: [], notExamined: [{ what, needs, isCutOff: true }] };
}

export function together(examinations: readonly Examination[]): Examination {
  return {
    findings: examinations.flatMap(({ findings }) => findings),
    notExamined: examinations.flatMap(({ notExamined }) => notExamined),
  };
}
