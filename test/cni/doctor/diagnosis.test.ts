import { diagnosis } from '../../../cni/doctor/diagnosis';
import {
  cutOff,
  found,
  PART_NAMES,
  PARTS,
  type PartName,
  type PartResult,
  unseen,
} from '../../../cni/doctor/examination';
import { FINDING_IDS, type Finding, type FindingId } from '../../../cni/doctor/finding';
import { reportJson, reportText } from '../../../cni/doctor/report';
import { shellCommand } from '../../../cni/doctor/shell-command';

const finding = (id: FindingId, details?: readonly string[]): Finding => ({
  id,
  problem: `${id}!`,
  explanation: 'It is so.',
  commands: [shellCommand`true`],
  ...(details && { details }),
});

/** Each part, with what some came to. */
const whole = (results: Partial<Record<PartName, readonly Finding[]>>): PartResult[] =>
  PART_NAMES.map((part) => ({ part, ...found(...(results[part] ?? [])) }));

const idsOf = (results: readonly PartResult[]) => diagnosis(results, 'x').findings.map(({ id }) => id);

test('the likeliest cause comes first, whichever part found it', () => {
  const backwards = [...FINDING_IDS]
    .filter((id) => id === 'table' || id === 'parent-missing' || id === 'promiscuous')
    .reverse();
  expect(idsOf(whole({ capture: backwards.map((id) => finding(id)) }))).toEqual([
    'parent-missing',
    'table',
    'promiscuous',
  ]);
});

test.each<[what: string, ids: readonly FindingId[], causes: readonly FindingId[]]>([
  ['a parent that is down', ['parent-down', 'link', 'route', 'table'], ['parent-down', 'table']],
  ['a second holder', ['conflict', 'destination-silent', 'destination-refuses'], ['conflict', 'destination-refuses']],
  ['a missing address', ['address', 'route'], ['address']],
  ['an altered table', ['table', 'name-stale', 'name-unresolved'], ['table', 'name-unresolved']],
  ['another network', ['gateway-silent', 'wrong-subnet'], ['wrong-subnet']],
])('a report names %s, and omits its consequences', (_what, ids, causes) => {
  expect(idsOf(whole({ state: ids.map((id) => finding(id)) }))).toEqual(causes);
});

test('a missing address brings the routes that are missing', () => {
  const [address, route] = ['address is missing: a', 'route is missing: b'];
  const { findings } = diagnosis(whole({ state: [finding('route', [route]), finding('address', [address])] }), 'x');
  expect(findings).toEqual([finding('address', [address, route])]);
});

test.each<[hook: string, ids: readonly FindingId[], explanation: string]>([
  [
    'ingress',
    ['policy-rule', 'foreign-table', 'mac-filtered', 'table'],
    'If it is not that table in the pod: It is so.',
  ],
  ['forward', ['policy-rule', 'mac-filtered', 'table', 'foreign-table'], 'It is so.'],
])('a table of others in the pod with hook %s beside a filter of MAC addresses', (hook, ids, explanation) => {
  const foreign = finding('foreign-table', [`table netdev mesh: chain in, hook ${hook}, priority 0`]);
  const others = [finding('table'), finding('mac-filtered'), finding('policy-rule')];
  const { findings } = diagnosis(whole({ foreign: [foreign], state: others }), 'x');
  expect(findings.map(({ id }) => id)).toEqual(ids);
  expect(findings.find(({ id }) => id === 'mac-filtered')!.explanation).toBe(explanation);
});

test('a part without a result was not looked at', () => {
  const { findings, notExamined } = diagnosis([{ part: 'parent', ...found(finding('parent-down')) }], 'more time');
  expect(findings.map(({ id }) => id)).toEqual(['parent-down']);
  const others = PART_NAMES.filter((part) => part !== 'parent');
  expect(notExamined).toEqual(others.map((part) => ({ what: PARTS[part], needs: 'more time', isCutOff: true })));
});

test('complete parts report only what they could not examine', () => {
  const results = [...whole({}), { part: 'holder' as const, ...unseen('a host', 'NET_RAW') }];
  expect(diagnosis(results, 'more time').notExamined).toEqual([{ what: 'a host', needs: 'NET_RAW' }]);
});

test('a report without findings does not say that nothing is wrong where something was cut off', () => {
  const { notExamined } = cutOff('the destinations', 'more time');
  expect(reportText('a/b', { findings: [], notExamined: [] })).toBe('a/b: no finding');
  expect(reportText('a/b', { findings: [], notExamined })).toBe(
    'a/b: no finding in the examined parts\n\nNot examined:\n  the destinations (needs more time)',
  );
});

test('a report shows ten details, and JSON has all', () => {
  const details = Array.from({ length: 64 }, (_, index) => `host ${index}`);
  const examination = found(finding('destination-silent', details));
  const lines = reportText('a/b', examination).split('\n');
  expect(lines.filter((line) => line.startsWith('     '))).toEqual([
    ...details.slice(0, 10).map((detail) => `     ${detail}`),
    '     and 54 more',
  ]);
  expect(JSON.parse(reportJson('a/b', examination)).findings[0].details).toEqual(details);
});
