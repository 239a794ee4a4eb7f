import { FINDING_IDS } from '../../cni/doctor/finding';
import { readDocument } from '../support/markdown';

test('docs/doctor.md has each finding, in the order of reports', () => {
  const [, table = ''] = /^\| id \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(readDocument('docs/doctor.md')) ?? [];
  expect([...table.matchAll(/^\| `([^`]+)`/gm)].map(([, id]) => id)).toEqual([...FINDING_IDS]);
});
