// The same router as main.ts, in C#.
using System;
using Cdk8sEgressRouter;
using Org.Cdk8s;
using Org.Cdk8s.Plus28;

// What every router of one cluster has in common is said once.
var cluster = new EgressRouterCluster("prod", new EgressRouterClusterProps
{
    Platform = Platform.OPENSTACK,
    Mode = RouterMode.Standalone(new StandaloneRouterOptions { Image = "registry.example.com/egress-router:0.1.0" }),
});

var app = new App();
var chart = new Chart(app, "egress-router", new ChartProps { Namespace = "egress" });

var router = new EgressRouter(chart, "partner", new EgressRouterProps
{
    Cluster = cluster,
    Addresses = new[]
    {
        new EgressRouterAddress { Ip = "192.168.12.99/24", Gateway = "192.168.12.1" },
        new EgressRouterAddress { Ip = "2001:db8:12::99/64", Gateway = "fe80::1" },
    },
    RedirectRules = new[]
    {
        new RedirectRule { Port = 80, Protocol = Protocol.UDP, DestinationIp = "203.0.113.25" },
        new RedirectRule { Port = 8080, Protocol = Protocol.TCP, DestinationIp = "203.0.113.26", TargetPort = 80 },
        new RedirectRule { Port = 8443, Protocol = Protocol.TCP, DestinationIp = "203.0.113.26", TargetPort = 443 },
    },
});
router.AddRedirectRule(new RedirectRule
{
    Port = 8443,
    Protocol = Protocol.TCP,
    DestinationIp = "2001:db8:113::26",
    TargetPort = 443,
});

app.Synth();
Console.Error.WriteLine(string.Join("\n", router.Describe()));
