/**
 * Labels of a pod that keep service meshes out of it. A mesh's proxy takes the pod's connections before the router's
 * rules see them: each TCP rule would be refused, and an init container that needs NET_ADMIN is not admitted in a
 * *restricted* namespace. A user's own label of the same name wins.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 * @see https://istio.io/latest/docs/ambient/usage/add-workloads/
 * @see https://kuma.io/docs/latest/reference/kubernetes-annotations/
 */
export const MESH_OPT_OUT_LABELS: Readonly<Record<string, string>> = {
  'istio.io/dataplane-mode': 'none',
  'kuma.io/sidecar-injection': 'disabled',
  'sidecar.istio.io/inject': 'false',
};

/**
 * The same as annotations, for the meshes that read those.
 *
 * @see https://linkerd.io/2/features/proxy-injection/
 * @see https://developer.hashicorp.com/consul/docs/k8s/annotations-and-labels
 */
export const MESH_OPT_OUT_ANNOTATIONS: Readonly<Record<string, string>> = {
  'consul.hashicorp.com/connect-inject': 'false',
  'linkerd.io/inject': 'disabled',
};
