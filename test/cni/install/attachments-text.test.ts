import { attachmentsText } from '../../../cni/install/attachments-text';

const ID = '0123456789abcdef0123456789abcdef';

test('names the network, the container as crictl shows it, and the interface', () => {
  expect(attachmentsText([`partners.bank@${ID}@net1`, `egress.db@${ID}@a@b`])).toBe(
    "2 of this node's pods use it, and kubelet cannot delete them without it: " +
      'egress.db (container 0123456789ab, a@b), partners.bank (container 0123456789ab, net1)',
  );
});

test('counts those beyond ten', () => {
  const records = Array.from({ length: 12 }, (_, index) => `egress.r${index + 10}@${ID}@net1`);
  const text = attachmentsText(records);
  expect(text).toMatch(
    /^12 of this node's pods .*egress\.r10 .*egress\.r19 \(container 0123456789ab, net1\), and 2 more$/,
  );
  expect(text).not.toContain('egress.r20');
});

test('shows another file by its name, bounded and printable', () => {
  expect(attachmentsText([`\u001b[31m${'x'.repeat(400)}`])).toMatch(/: \\u001b\[31mx{1,300}…$/);
});
