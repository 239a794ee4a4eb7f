# The same plugin as main.ts, in Python: CI compares what the two synthesize, byte for byte.
from cdk8s import ApiObjectMetadata, App, Chart
from cdk8s_egress_router import EgressRouterCluster, EgressRouterPlugin, NodeFlavour, Platform, RouterMode
from cdk8s_plus_28 import Namespace

# The routers' own: examples/standalone says the same.
cluster = EgressRouterCluster(
    "prod",
    platform=Platform.OPENSTACK,
    mode=RouterMode.standalone(image="registry.example.com/egress-router:0.1.0"),
)

app = App()

# The plugin's pods write into the nodes' directory of plugins: a namespace of their own admits them.
admitted = Namespace(
    Chart(app, "namespace"),
    "Namespace",
    metadata=ApiObjectMetadata(
        name="egress-router-plugin",
        labels={"pod-security.kubernetes.io/enforce": "privileged"},
    ),
)

chart = Chart(app, "plugin", namespace="egress-router-plugin")
chart.node.add_dependency(admitted)
EgressRouterPlugin(chart, "egress-router-plugin", cluster=cluster, node_flavour=NodeFlavour.KUBERNETES)

app.synth()
