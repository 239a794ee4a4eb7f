import type { OpenStack } from './openstack';

export default async function tearDown(): Promise<void> {
  await (globalThis as { testOpenStack?: OpenStack }).testOpenStack?.stop();
}
