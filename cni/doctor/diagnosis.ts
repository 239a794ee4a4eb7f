import { type Examination, type NotExamined, PART_NAMES, PARTS, type PartResult, together } from './examination';
import { FINDING_IDS, type Finding, type FindingId } from './finding';

export const NO_LINK: readonly FindingId[] = ['parent-missing', 'parent-down', 'no-carrier'];

/** Findings that follow from a broken interface. */
const FOLLOW_FROM_LINK: readonly FindingId[] = ['link', 'address', 'route', 'sysctl'];

/**
 * Combines the results of the parts: most likely cause first, without findings that follow from it.
 *
 * @param needs what would allow the parts without a result
 */
export function diagnosis(results: readonly PartResult[], needs: string): Examination {
  const { findings, notExamined } = together(results);
  const missing = PART_NAMES.filter((name) => !results.some(({ part }) => part === name));
  const unseen = missing.map((part): NotExamined => ({ what: PARTS[part], needs, isCutOff: true }));
  return { findings: ordered(doubted(causes(withRoutes(findings)))), notExamined: [...notExamined, ...unseen] };
}

function has(findings: readonly Finding[], ids: readonly FindingId[]): boolean {
  return findings.some(({ id }) => ids.includes(id));
}

/** Removing an address removes its routes: restoring it by hand requires restoring those, too. */
function withRoutes(findings: readonly Finding[]): Finding[] {
  const routes = findings.filter(({ id }) => id === 'route').flatMap(({ details = [] }) => details);
  return findings.map((finding) =>
    finding.id === 'address' ? { ...finding, details: [...(finding.details ?? []), ...routes] } : finding,
  );
}

/** A suspected filter outside of the pod may be one inside. */
function doubted(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.some(silencesGateway)) return findings;
  return findings.map((finding) =>
    finding.id === 'mac-filtered'
      ? { ...finding, explanation: `If it is not that table in the pod: ${finding.explanation}` }
      : finding,
  );
}

/** Omits findings that follow from others. */
function causes(findings: readonly Finding[]): Finding[] {
  const isLinkless = has(findings, NO_LINK);
  const isGone = findings.some(
    ({ id, details }) => id === 'link' && details?.some((text) => /missing|state is down/.test(text)),
  );
  const isNameless = has(findings, ['address']);
  const isElsewhere = has(findings, ['wrong-subnet']);
  const isShared = has(findings, ['conflict']);
  const isAltered = has(findings, ['table']);
  return findings.filter(({ id }) => {
    // Answers go to the other holder.
    if (isShared && id === 'destination-silent') return false;
    if (isAltered && id === 'name-stale') return false;
    if (isElsewhere && id === 'gateway-silent') return false;
    if (isNameless && id === 'route') return false;
    if (isLinkless) return !FOLLOW_FROM_LINK.includes(id);
    return !isGone || id === 'link' || !FOLLOW_FROM_LINK.includes(id);
  });
}

function ordered(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function rank(finding: Finding): number {
  return silencesGateway(finding) ? FINDING_IDS.indexOf('mac-filtered') - 0.5 : FINDING_IDS.indexOf(finding.id);
}

/** A table in the pod that may drop the router's own probes: it looks like a filter outside. */
function silencesGateway({ id, details }: Finding): boolean {
  return id === 'foreign-table' && details?.some((text) => !text.includes(', hook forward,')) === true;
}
