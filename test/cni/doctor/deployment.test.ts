import { deploymentOfNetwork, deploymentOfRouter, kubectl } from '../../../cni/doctor/deployment';

const restart = (deployment: Parameters<typeof kubectl>[0]) => kubectl(deployment, ['rollout', 'restart']);

test.each([
  ['exchanges/exchange', undefined, '--namespace exchanges rollout restart deployment/exchange'],
  ['exchanges/exchange', 'exchanges.exchange', '--namespace exchanges rollout restart deployment/exchange'],
  ['exchange', 'exchange', 'rollout restart deployment/exchange'],
  [
    'exchanges/exchange',
    'exchanges.egress-router-cni-nad',
    '--namespace exchanges rollout restart deployment/egress-router-cni-deployment',
  ],
])('the router %s on the network %s', (router, network, words) => {
  expect(restart(deploymentOfRouter(router, network))).toBe(`kubectl ${words}`);
});

test.each([
  ['exchanges.exchange', '--namespace exchanges rollout restart deployment/exchange'],
  ['exchanges.exchange.blue', '--namespace exchanges rollout restart deployment/exchange.blue'],
  ['egress-router-cni-nad', '--namespace NAMESPACE rollout restart deployment/egress-router-cni-deployment'],
  ['exchanges.egress-router-cni-nad', '--namespace exchanges rollout restart deployment/egress-router-cni-deployment'],
  ['lan', '--namespace NAMESPACE rollout restart deployment/DEPLOYMENT'],
])('of the network %s alone', (network, words) => {
  expect(restart(deploymentOfNetwork(network))).toBe(`kubectl ${words}`);
});
