import { join } from 'node:path';
import { eventually } from './support/eventually';
import { BUN, PacketLan } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/fence-driver.ts');
const ADDRESS = '192.168.12.99';
const MAC = 'e2:65:c0:a8:0c:63';
const STANDBY_MAC = 'e6:65:c0:a8:0c:63';
const GATEWAY_MAC = '02:00:00:00:00:01';

interface Line {
  readonly epoch: number;
  readonly isLatched: boolean;
}

describeOnKernel('the fence of an address', ['ip', 'nft', 'arping', BUN], () => {
  let lan: PacketLan;

  beforeEach(() => {
    lan = new PacketLan();
    lan.addHost('node', '02:00:00:00:00:10');
    lan.addPod('router', 'node', MAC, `${ADDRESS}/24`);
    lan.addHost('gateway', GATEWAY_MAC, '192.168.12.1/24');
    lan.addHost('standby', STANDBY_MAC);
  });

  afterEach(() => lan[Symbol.dispose]());

  const fence = (...steps: string[]): Line[] =>
    lan
      .run('router', BUN, DRIVER, 'net1', MAC, STANDBY_MAC, ...steps)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  /** What `arping -D` says, which fails on an answer. */
  function question(from: string): string {
    const script = `arping -D -c 1 -w 1 -I lan ${ADDRESS} || true`;
    return lan.run(from, 'sh', '-c', script);
  }

  /** Whether the router answers a question of a host of the LAN. */
  function answers(from: 'gateway' | 'standby'): boolean {
    return question(from).includes('reply from');
  }

  test('is what nft says', () => {
    expect(fence('read')).toMatchObject([{ epoch: 0, isLatched: true }]);
    expect(fence('raise:3:60000')).toMatchObject([{ epoch: 3, isLatched: false }]);
    const listed = lan.run('router', 'nft', '--stateless', 'list', 'table', 'netdev', 'egress_router_fence');
    expect(listed.replace(/ timeout 1m( expires \w+)?/g, ' timeout 1m')).toBe(`table netdev egress_router_fence {
	comment "epoch 3"
	set watched {
		type ether_addr
		size 64
		elements = { ${STANDBY_MAC} }
	}

	set alive {
		type ifname
		size 64
		flags dynamic,timeout
		elements = { "net1" timeout 1m }
	}

	chain ingress {
		type filter hook ingress device "net1" priority filter; policy accept;
		@ll,48,48 @watched iifname @alive update @alive { iifname timeout 1m }
	}

	chain egress {
		type filter hook egress device "net1" priority filter; policy accept;
		@ll,48,48 0x${MAC.replaceAll(':', '')} oifname != @alive counter drop
	}
}
`);
  });

  test('mutes the address when no watched host was heard, and stays so until a process says otherwise', async () => {
    fence('raise:1:60000');
    expect([answers('gateway'), answers('standby')]).toEqual([true, true]);
    fence('change:100');
    await eventually(() => expect(fence('read')).toMatchObject([{ epoch: 1, isLatched: true }]));
    expect([answers('gateway'), answers('standby')]).toEqual([false, false]);
    // A question of the standby does not begin it.
    expect(fence('read')).toMatchObject([{ isLatched: true }]);
    fence('change:60000');
    expect(answers('gateway')).toBe(true);
  });

  test('is extended by frames of the standby and the gateway, and of no other host', () => {
    lan.addHost('other', '02:00:00:00:00:77', '192.168.12.7/24');
    fence('raise:1:1500', `gateway:${GATEWAY_MAC}`);
    for (const host of ['standby', 'gateway', 'standby'] as const) {
      lan.run('router', 'sleep', '0.7');
      expect([host, answers(host)]).toEqual([host, true]);
    }
    lan.run('router', 'sleep', '0.7');
    question('other');
    lan.run('router', 'sleep', '0.9');
    expect(fence('read')).toMatchObject([{ isLatched: true }]);
  });

  test('mutes at once, and begins anew at each taking', () => {
    expect(fence('raise:1:60000', 'change:0')).toMatchObject([{ isLatched: false }, { isLatched: true }]);
    expect(answers('gateway')).toBe(false);
    expect(fence('raise:2:60000')).toMatchObject([{ epoch: 2, isLatched: false }]);
    expect(answers('gateway')).toBe(true);
  });

  test('leaves frames with another MAC address alone', () => {
    fence('raise:1:60000', 'change:0');
    lan.ip('router', `link set net1 address ${STANDBY_MAC}`);
    lan.ip('standby', 'link set lan address 02:00:00:00:00:20');
    expect(answers('gateway')).toBe(true);
  });
});
