import { requireCapability } from '../../../cni/serve/capability';
import { ServeError } from '../../../cni/serve/serve-error';

const [NONE, ALL, RAW, ADMIN] = ['0000000000000000', '000001ffffffffff', '0000000000002000', '0000000000001000'];

const status = (uid: number, effective: string, bounding: string) =>
  `Name:\tegress-router\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapInh:\t${NONE}\nCapPrm:\t${effective}\n` +
  `CapEff:\t${effective}\nCapBnd:\t${bounding}\nCapAmb:\t${NONE}\n`;

const requireRaw = (text: string) => () => requireCapability('NET_RAW', 'watch-conflicts', text);

test.each([
  ['root with this one', status(0, RAW, RAW)],
  ['root with all', status(0, ALL, ALL)],
  ['another user who has it all the same', status(65532, RAW, RAW)],
])('%s may start', (_, text) => {
  expect(requireRaw(text)).not.toThrow();
});

test.each([
  ['root without it', status(0, ADMIN, ADMIN), 'its securityContext lacks capabilities: { add: [NET_RAW] }'],
  [
    'another user to whom it was added',
    status(65532, NONE, RAW),
    'its securityContext lacks runAsUser: 0 (it is 65532, and an added capability has no effect for it)',
  ],
  [
    'another user without it',
    status(65532, NONE, NONE),
    'its securityContext lacks runAsUser: 0 (it is 65532, and an added capability has no effect for it)' +
      ' and capabilities: { add: [NET_RAW] }',
  ],
  ['root who gave it up', status(0, NONE, ALL), 'the runtime removed it'],
])('%s hears what is missing', (_, text, reason) => {
  const message = `--watch-conflicts needs the capability NET_RAW, which the container lacks: ${reason}`;
  expect(requireRaw(text)).toThrow(new ServeError(message));
});

test('each capability has its own bit', () => {
  const requireAdmin = (text: string) => () => requireCapability('NET_ADMIN', 'live-rules', text);
  expect(requireAdmin(status(0, ADMIN, ADMIN))).not.toThrow();
  expect(requireAdmin(status(0, RAW, RAW))).toThrow('--live-rules needs the capability NET_ADMIN');
});
