import { App, Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { CoreDnsNames, EgressRouter, Rke2DnsNames } from '../../src';
import { standalone } from './synth';

/** A router with a host, policies of it and of its client, and the two ways by which CoreDNS leads to the host. */
export function ledRouter(): readonly object[] {
  const app = new App();
  const chart = new Chart(app, 'partners', { namespace: 'partners' });
  const hosts = [{ name: 'api.bank.example', ports: [443], addresses: ['203.0.113.26'] }];
  const router = new EgressRouter(chart, 'bank', { ...standalone(), hosts });
  const shop = new Chart(app, 'shop', { namespace: 'shop' });
  const client = new Deployment(shop, 'shop', { containers: [{ image: 'registry.example.com/shop:1' }] });
  router.allowClientEgress(shop, 'to-bank', client);
  router.allowFrom(client);
  const names = new Chart(app, 'names');
  new CoreDnsNames(names, 'coredns', { routers: [router] });
  new Rke2DnsNames(names, 'rke2', { routers: [router] });
  return [chart, shop, names].flatMap((each) => each.toJson() as object[]);
}
