import type { Finding } from './finding';
import type { PartName } from './parts';

/** What could not be looked at. */
export interface Blind {
  readonly what: string;
  /** What would allow it. */
  readonly needs: string;
  /** It would have been looked at, but for the time or an error: what is not found may be wrong all the same. */
  readonly isCutOff?: true;
}

/** What one look at a router came to. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly blind: readonly Blind[];
}

/** What one part of an examination came to. */
export interface PartResult extends Examination {
  readonly part: PartName;
}

export function found(...findings: readonly Finding[]): Examination {
  return { findings, blind: [] };
}

export function unseen(what: string, needs: string): Examination {
  return { findings: [], blind: [{ what, needs }] };
}

/** Time ran out, or the kernel refused what it should not. */
export function cutOff(what: string, needs: string): Examination {
  return { findings: [], blind: [{ what, needs, isCutOff: true }] };
}

export function together(examinations: readonly Examination[]): Examination {
  return {
    findings: examinations.flatMap(({ findings }) => findings),
    blind: examinations.flatMap(({ blind }) => blind),
  };
}
