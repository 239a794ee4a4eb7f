// The same router as main.ts, in C#.
using System;
using Cdk8sEgressRouter;
using Org.Cdk8s;
using Org.Cdk8s.Plus28;

var cluster = new EgressRouterCluster("prod", new EgressRouterClusterProps
{
    PodCidrs = new[] { "10.244.0.0/16" },
    ServiceCidrs = new[] { "10.96.0.0/16" },
    // Each host keeps its cluster IP in the file, which is committed.
    ServiceIps = new ServiceIpRange { Ranges = new[] { "10.96.0.32/27" }, File = "service-ips.json" },
    Mode = RouterMode.Standalone(new StandaloneRouterOptions { Image = "registry.example.com/egress-router:0.1.0" }),
});

var app = new App();
var chart = new Chart(app, "egress-router", new ChartProps { Namespace = "partners" });

// Names that the router resolves need live rules, as root: the namespace's Pod Security level is "privileged".
var router = new EgressRouter(chart, "partners", new EgressRouterProps
{
    Cluster = cluster,
    Mode = RouterMode.Standalone(new StandaloneRouterOptions
    {
        LiveRules = true,
        Resolver = DnsResolver.Servers(new[] { "192.168.12.53" }),
    }),
    Addresses = new[] { new EgressRouterAddress { Ip = "192.168.12.99/24", Gateway = "192.168.12.1" } },
    Hosts = new[]
    {
        // Resolved by the router, again and again.
        new EgressRouterHost { Name = "api.bank.example", Ports = new double[] { 443 } },
        // Fixed.
        new EgressRouterHost
        {
            Name = "db.partner.example",
            Ports = new double[] { 5432 },
            Addresses = new[] { "203.0.113.30" },
        },
        // Resolved, bounded.
        new EgressRouterHost
        {
            Name = "licence.vendor.example",
            Ports = new double[] { 27000, 27001 },
            AllowedCidrs = new[] { "198.51.100.0/24" },
        },
    },
});

// Its pods resolve the hosts to the router, and no other pod may connect to it.
var shop = new Deployment(new Chart(app, "shop", new ChartProps { Namespace = "shop" }), "shop", new DeploymentProps
{
    Metadata = new ApiObjectMetadata { Name = "shop" },
    Containers = new[] { new ContainerProps { Image = "registry.example.com/shop:1" } },
});
router.Admit(shop);

app.Synth();
Console.Error.WriteLine(string.Join("\n", router.Describe()));
