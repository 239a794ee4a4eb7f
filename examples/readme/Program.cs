// The README's standalone program, in C#.
using System;
using Cdk8sEgressRouter;
using Org.Cdk8s;
using Org.Cdk8s.Plus28;

var cluster = new EgressRouterCluster("prod", new EgressRouterClusterProps
{
    Platform = Platform.OPENSTACK,
    Mode = RouterMode.Standalone(new StandaloneRouterOptions { Image = "registry.example.com/egress-router:0.1.0" }),
});

var app = new App();
var plugin = new Chart(app, "plugin", new ChartProps { Namespace = "egress-router-plugin" });
new EgressRouterPlugin(plugin, "egress-router-plugin", new EgressRouterPluginProps { Cluster = cluster });

var chart = new Chart(app, "partners", new ChartProps { Namespace = "partners" });
var router = new EgressRouter(chart, "bank", new EgressRouterProps
{
    Cluster = cluster,
    // And one IPv6 address, if you have it.
    Addresses = new[] { new EgressRouterAddress { Ip = "192.168.12.99/24", Gateway = "192.168.12.1" } },
    Hosts = new[]
    {
        new EgressRouterHost
        {
            Name = "api.bank.example",
            Ports = new double[] { 443 },
            Addresses = new[] { "203.0.113.26" },
            // A free one, near the start of the network of your cluster's Services.
            ClusterIps = new[] { "10.96.0.40" },
        },
    },
});

// Your workload: its pods resolve the host to the router, and a NetworkPolicy admits no others.
var shop = new Deployment(new Chart(app, "shop", new ChartProps { Namespace = "shop" }), "shop", new DeploymentProps
{
    Metadata = new ApiObjectMetadata { Name = "shop" },
    Containers = new[] { new ContainerProps { Image = "registry.example.com/shop:1" } },
});
router.Admit(shop);

app.Synth();
Console.Error.WriteLine("MAC address for the nodes' ports: " + router.MacAddress);
