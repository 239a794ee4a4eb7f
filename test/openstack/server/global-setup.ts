import { missingOpenStack, type OpenStack, startOpenStack } from './openstack';

/** One OpenStack for all test files: a start takes longer than most of them. */
export default async function setUp(): Promise<void> {
  const missing = missingOpenStack();
  if (missing !== undefined) return;
  const openStack = await startOpenStack();
  process.env.EGRESS_ROUTER_TEST_OPENSTACK = JSON.stringify(openStack.address);
  (globalThis as { testOpenStack?: OpenStack }).testOpenStack = openStack;
}
