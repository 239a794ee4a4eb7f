import type { Outcome } from '../../../cni/install/node';
import { requireKernel, startProblem } from '../../../cni/install/trial';

const OUTCOME: Outcome = { status: 0, signal: null, stdout: '', stderr: '' };

// What cannot be had here for real: an older kernel, another CPU. A missing loader, an older glibc and noexec are tried
// in test/kernel.
test.each(['5.2', '5.2.0-rc1', '5.14.0-427.el9.x86_64', '6.1.0-18-amd64', '10.0'])(
  'kernel %s is new enough',
  (version) => {
    expect(() => requireKernel(version)).not.toThrow();
  },
);

test.each(['5.1.21', '4.18.0-553.el8_10.x86_64', '3.10.0', ''])('kernel %j is not', (version) => {
  expect(() => requireKernel(version)).toThrow(`this node's kernel is ${version}; accepted: Linux 5.2 or newer`);
});

test.each([
  [
    'an old CPU',
    { status: null, signal: 'SIGILL' },
    'its CPU lacks instructions; accepted: x86-64 with SSE4.2, or arm64',
  ],
  ['another signal', { status: null, signal: 'SIGSEGV' }, 'signal SIGSEGV ended it'],
  ['another architecture', { status: null, startError: 'ENOEXEC' }, 'it is for another architecture of CPU'],
  ['an unforeseen error', { status: null, startError: 'ETXTBSY' }, 'it does not start (ETXTBSY)'],
  ['a missing library', { status: 127, stderr: 'x: error while loading shared libraries: libm.so.6\n' }, 'libm.so.6'],
] as const)('%s is named', (_what, outcome, problem) => {
  expect(startProblem({ ...OUTCOME, ...outcome })).toContain(problem);
});

test('an answer is not a problem', () => expect(startProblem(OUTCOME)).toBeUndefined());
