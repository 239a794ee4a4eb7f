// The README's standalone program, in C#.
using System;
using System.Collections.Generic;
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
var clients = Namespaces.Select(chart, "Clients", new NamespacesSelectOptions
{
    Labels = new Dictionary<string, string> { ["bank-access"] = "yes" },
});
var router = new EgressRouter(chart, "bank", new EgressRouterProps
{
    Cluster = cluster,
    // And one IPv6 address, if you have it.
    Addresses = new[] { new EgressRouterAddress { Ip = "192.168.12.99/24", Gateway = "192.168.12.1" } },
    RedirectRules = new[]
    {
        new RedirectRule { Port = 443, Protocol = Protocol.TCP, DestinationIp = "203.0.113.26" },
    },
    // A NetworkPolicy: only these clients may connect.
    AllowFrom = new[] { clients },
});

app.Synth();
Console.Error.WriteLine("MAC address for the nodes' ports: " + router.MacAddress);
