// The README's standalone program, in Go: CI compares what the two synthesize, byte for byte.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"
	egress "github.com/cdk8s-egress-router/cdk8s-egress-router-go/cdk8segressrouter"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	kplus "github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2"
)

func main() {
	defer jsii.Close()

	cluster := egress.NewEgressRouterCluster(jsii.String("prod"), &egress.EgressRouterClusterProps{
		Platform: egress.Platform_OPENSTACK,
		Mode: egress.RouterMode_Standalone(&egress.StandaloneRouterOptions{
			Image: jsii.String("registry.example.com/egress-router:0.1.0"),
		}),
	})

	app := cdk8s.NewApp(nil)
	plugin := cdk8s.NewChart(app, jsii.String("plugin"), &cdk8s.ChartProps{Namespace: jsii.String("egress-router-plugin")})
	egress.NewEgressRouterPlugin(plugin, jsii.String("egress-router-plugin"), &egress.EgressRouterPluginProps{Cluster: cluster})

	chart := cdk8s.NewChart(app, jsii.String("partners"), &cdk8s.ChartProps{Namespace: jsii.String("partners")})
	router := egress.NewEgressRouter(chart, jsii.String("bank"), &egress.EgressRouterProps{
		Cluster: cluster,
		// And one IPv6 address, if you have it.
		Addresses: &[]*egress.EgressRouterAddress{
			{Ip: jsii.String("192.168.12.99/24"), Gateway: jsii.String("192.168.12.1")},
		},
		Hosts: &[]*egress.EgressRouterHost{{
			Name:      jsii.String("api.bank.example"),
			Ports:     &[]*float64{jsii.Number(443)},
			Addresses: jsii.Strings("203.0.113.26"),
			// A free one, near the start of the network of your cluster's Services.
			ClusterIps: jsii.Strings("10.96.0.40"),
		}},
	})

	// Your workload: its pods resolve the host to the router, and a NetworkPolicy admits no others.
	shop := kplus.NewDeployment(
		cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")}),
		jsii.String("shop"),
		&kplus.DeploymentProps{
			Metadata:   &cdk8s.ApiObjectMetadata{Name: jsii.String("shop")},
			Containers: &[]*kplus.ContainerProps{{Image: jsii.String("registry.example.com/shop:1")}},
		},
	)
	router.Admit(shop, nil)

	app.Synth()
	fmt.Fprintln(os.Stderr, "MAC address for the nodes' ports:", *router.MacAddress())
}
