import type { Finding } from './finding';

/** What could not be looked at. */
export interface Blind {
  readonly what: string;
  /** What would allow it. */
  readonly needs: string;
}

/** What one look at a router came to. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly blind: readonly Blind[];
}

export function found(...findings: readonly Finding[]): Examination {
  return { findings, blind: [] };
}

export function unseen(what: string, needs: string): Examination {
  return { findings: [], blind: [{ what, needs }] };
}

export function together(examinations: readonly Examination[]): Examination {
  return {
    findings: examinations.flatMap(({ findings }) => findings),
    blind: examinations.flatMap(({ blind }) => blind),
  };
}
