import { readPort, readProtocol } from '../../../src/domain/values/protocol';
import { acceptAll, read, refuseAll } from '../../support/accept';

// What is accepted here is written into manifests as it is, and the API server knows these spellings only.
test('protocols are TCP, UDP and SCTP', () => {
  acceptAll(readProtocol, ['TCP', 'UDP', 'SCTP']);
});

test('other protocols are refused', () => {
  refuseAll(
    readProtocol,
    ['', 'tcp', 'Udp', 'ICMP', 'HTTP', 'TLS', 'TCP ', 'TCP/UDP', 6, null, undefined, ['TCP']],
    'TCP, UDP, SCTP',
  );
});

test('a letter that only looks like one of SCTP is another letter', () => {
  refuseAll(readProtocol, ['\u017fctp', 'SCT\u0420', '\uff34CP'], 'TCP, UDP, SCTP');
});

test('ports are the integers from 1 to 65535', () => {
  acceptAll(readPort, [1, 80, 8443, 65534, 65535]);
  expect(read(readPort, 65535).value).toBe(65535);
});

test('an invalid port is rejected', () => {
  const refused = [
    0,
    -0,
    -1,
    65536,
    1e9,
    80.5,
    Number.NaN,
    Infinity,
    '80',
    '',
    'http',
    true,
    null,
    undefined,
    [80],
    {},
  ];
  refuseAll(readPort, refused, 'an integer from 1 to 65535');
});
