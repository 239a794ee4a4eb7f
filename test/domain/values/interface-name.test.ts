import { readInterfaceName, readParentName } from '../../../src/domain/values/interface-name';
import { acceptAll, refuseAll } from '../../support/accept';

test('names that the kernel accepts', () => {
  acceptAll(readInterfaceName, [
    'eth0',
    'br-ex',
    'bond0.123',
    'enp0s31f6',
    'a',
    'fifteen-bytes-x',
    'ünïcode',
    'u\u0308',
    'veth@if2,+_',
  ]);
});

test('names that the kernel refuses', () => {
  const refused = [
    '',
    '.',
    '.',
    'sixteen-bytes-xx',
    'a/b',
    'a b',
    'a\tb',
    'eth0:1',
    'net%d',
    'all',
    'default',
    'ünïcödé-namé',
    7,
    null,
    ['eth0'],
  ];
  refuseAll(readInterfaceName, refused, '1 to 15 bytes');
});

test('names that the kernel accepts, and a shell, nft or sysctl would not take as they are', () => {
  const special = [...'"\'`$&;|<>()[]{}*?!#~^=\\'];
  refuseAll(readInterfaceName, ['-batch', '$(id)', ...special.map((character) => `a${character}b`)], '1 to 15 bytes');
});

test('an alternative name of a parent interface has up to 127 bytes', () => {
  acceptAll(readParentName, ['eth0', 'enx02005e100063-with-a-long-name', 'x'.repeat(127), 'ü'.repeat(63)]);
  refuseAll(readParentName, ['x'.repeat(128), 'ü'.repeat(64), '', 'all', 'a b', '-x', '$(id)', 7], '1 to 127 bytes');
});
