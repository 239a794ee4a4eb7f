import { CODES } from '../../../cni/protocol/cni-error';
import type { Invocation } from '../../../cni/protocol/invocation';
import { refuseOtherNamespace } from '../../../cni/protocol/pod-namespace';
import { call, refusal } from '../../support/call';

const add = (podNamespace: string | undefined, args?: string) =>
  refuseOtherNamespace(call('ADD', { podNamespace }, { CNI_ARGS: args }) as Invocation);

test.each([
  ['partners', 'IgnoreUnknown=1;K8S_POD_NAMESPACE=partners;K8S_POD_NAME=db'],
  ['partners', 'K8S_POD_NAMESPACE=partners'],
  [undefined, 'K8S_POD_NAMESPACE=tenant'],
  [undefined, undefined],
])('podNamespace %j admits a pod with CNI_ARGS %j', (podNamespace, args) => {
  expect(() => add(podNamespace, args)).not.toThrow();
});

test.each([
  ['K8S_POD_NAMESPACE=tenant', 'the pod is in namespace "tenant"'],
  ['K8S_POD_NAMESPACE=Partners', 'the pod is in namespace "Partners"'],
  ['K8S_POD_NAMESPACE=', 'CNI_ARGS has no K8S_POD_NAMESPACE'],
  ['IgnoreUnknown=1;k8s_pod_namespace=partners', 'CNI_ARGS has no K8S_POD_NAMESPACE'],
  [undefined, 'CNI_ARGS has no K8S_POD_NAMESPACE'],
])('a configuration for "partners" rejects CNI_ARGS %j', (args, where) => {
  expect(refusal(() => add('partners', args))).toMatchObject({
    code: CODES.OTHER_NAMESPACE,
    message: `${where}, and only pods of namespace "partners" may use network db`,
    details: expect.stringMatching(/^podNamespace: "partners" .*; accepted: K8S_POD_NAMESPACE=partners in CNI_ARGS/),
  });
});

test.each(['', 7, 'Partners', 'a.b'])('podNamespace %j is not the name of a namespace', (podNamespace) => {
  const error = refusal(() => call('ADD', { podNamespace }));
  expect(error).toMatchObject({ code: CODES.INVALID_CONFIG });
  expect(error.details).toMatch(/^podNamespace: .*; accepted: a DNS-1123 label/);
});
