import { ADD_STEPS } from '../../cni/commands/add';
import { readDocument } from '../support/markdown';

test('docs/data-plane.md lists the steps of ADD in their order', () => {
  const [, section = ''] = /^## The steps of ADD\n([\s\S]*?)\n## /m.exec(readDocument('docs/data-plane.md')) ?? [];
  const documented = [...section.matchAll(/^\d+\. \*\*(.+?)\*\*/gm)].map(([, name]) => name);
  expect(documented).toEqual(ADD_STEPS.map(({ name }) => name));
});
