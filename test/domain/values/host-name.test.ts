import { domainToASCII } from 'node:url';
import { Field } from '../../../src/domain/input/decoder';
import { type Issue, issueText } from '../../../src/domain/input/issue';
import { HOST_NAME, parseHostName, readHostName } from '../../../src/domain/values/host-name';

test.each([
  ['api.bank.example', 'api.bank.example'],
  ['API.Bank.Example.', 'api.bank.example'],
  ['a.b', 'a.b'],
  ['1and1.example', '1and1.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ['api.svc.bank.example', 'api.svc.bank.example'],
  ['default.example', 'default.example'],
  ['api.pod.example', 'api.pod.example'],
  // A Service of the cluster, if there is a namespace "partners".
  ['bank.partners', 'bank.partners'],
])('%s is the host %s', (text, name) => expect(parseHostName(text)).toEqual({ name }));

test.each([
  ['', 'is not a DNS name'],
  ['https://api.bank.example/v1', 'is a URL'],
  ['api.bank.example:443', 'carries a port, which belongs into ports'],
  ['api.bank.example/v1', 'has a "/"'],
  ['*.bank.example', 'has a wildcard, and a Service stands for one name: write each name that clients use'],
  ['203.0.113.26', 'is an address, not a name: use a redirect rule for it'],
  ['2001:db8::26', 'is an address, not a name: use a redirect rule for it'],
  ['1.2.3', 'ends with a number, as an address does'],
  ['0x7f.0x1', 'ends with a number, as an address does'],
  ['api\tx.example', 'is not a DNS name'],
  ['api.example\n', 'is not a DNS name'],
  ['bank', 'has a single label, and such names belong to the cluster'],
  ['api.localhost', 'is a name of the client itself'],
  ['localhost.localdomain', 'is a name of the client itself'],
  ['localhost6.localdomain6', 'is a name of the client itself'],
  ['10-244-1-5.partners.pod', 'is a name of the cluster, which leads to a Service already'],
  ['kubernetes.default', 'ends with a namespace of every cluster, whose Services pods find by such a name'],
  ['Kube-DNS.Kube-System.', 'ends with a namespace of every cluster, whose Services pods find by such a name'],
  ['db-0.db.default', 'ends with a namespace of every cluster, whose Services pods find by such a name'],
  ['bank.partners.svc', 'is a name of the cluster, which leads to a Service already'],
  ['bank.partners.svc.cluster.local', 'is a name of the cluster, which leads to a Service already'],
  ['api..example', 'is not a DNS name'],
  ['-api.example', 'is not a DNS name'],
  ['api_1.example', 'is not a DNS name'],
  ['api bank.example', 'is not a DNS name'],
  [`${'a'.repeat(64)}.example`, 'has a label of 64 characters'],
  [`${'a.'.repeat(126)}abc`, 'has 255 characters'],
  ['bücher.example', 'has letters outside ASCII: write it as its clients send it, "xn--…"'],
])('%s %s', (text, problem) => expect(parseHostName(text)).toBe(problem));

test('a name in Unicode is converted, and what it becomes is checked', () => {
  expect(parseHostName('Bücher.example', domainToASCII)).toEqual({ name: 'xn--bcher-kva.example' });
  expect(parseHostName('api。bank。example', domainToASCII)).toEqual({ name: 'api.bank.example' });
  expect(parseHostName('１.２.３.４', domainToASCII)).toBe('is an address, not a name: use a redirect rule for it');
  expect(parseHostName('a\u00a0b.example', domainToASCII)).toBe('is not a DNS name');
});

test.each([
  ['bücher.example/x', 'has a "/"'],
  ['https://bücher.example', 'is a URL'],
  ['bücher.example:443', 'carries a port, which belongs into ports'],
  ['*.bücher.example', 'has a wildcard, and a Service stands for one name: write each name that clients use'],
  ['bücher.example?x', 'is not a DNS name'],
  ['bücher.example#x', 'is not a DNS name'],
  ['b%C3%BCcher.bü.example', 'is not a DNS name'],
  ['bü\tcher.example', 'is not a DNS name'],
  ['bücher.example\n', 'is not a DNS name'],
  ['u@bücher.example', 'is not a DNS name'],
  ['bücher\\.example', 'is not a DNS name'],
  [`${'ü'.repeat(60)}.example`, 'has a label of 66 characters'],
  ['a\u200db.example', 'is not a DNS name'],
])('of %s nothing is left out: %s', (text, problem) => expect(parseHostName(text, domainToASCII)).toBe(problem));

test('the issue has the path, the value and what is accepted', () => {
  const issues: Issue[] = [];
  readHostName(Field.root({ name: '*.bank.example' }, issues).member('name'));
  readHostName(Field.root({ name: 7 }, issues).member('name'));
  expect(issues.map(issueText)).toEqual([
    `name: "*.bank.example" has a wildcard, and a Service stands for one name: write each name that clients use; accepted: ${HOST_NAME}`,
    `name: 7 is not a string; accepted: ${HOST_NAME}`,
  ]);
});
