// The same router as main.ts, in Go: CI compares what the two synthesize, byte for byte.
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
		PodCidrs:     jsii.Strings("10.244.0.0/16"),
		ServiceCidrs: jsii.Strings("10.96.0.0/16"),
		// Each host keeps its cluster IP in the file, which is committed.
		ServiceIps: &egress.ServiceIpRange{
			Ranges: jsii.Strings("10.96.0.32/27"),
			File:   jsii.String("service-ips.json"),
		},
		Mode: egress.RouterMode_Standalone(&egress.StandaloneRouterOptions{
			Image: jsii.String("registry.example.com/egress-router:0.1.0"),
		}),
	})

	app := cdk8s.NewApp(nil)
	chart := cdk8s.NewChart(app, jsii.String("egress-router"), &cdk8s.ChartProps{Namespace: jsii.String("partners")})

	// Names that the router resolves need live rules, as root: the namespace's Pod Security level is "privileged".
	router := egress.NewEgressRouter(chart, jsii.String("partners"), &egress.EgressRouterProps{
		Cluster: cluster,
		Mode: egress.RouterMode_Standalone(&egress.StandaloneRouterOptions{
			LiveRules: jsii.Bool(true),
			Resolver:  egress.DnsResolver_Servers(jsii.Strings("192.168.12.53"), nil),
		}),
		Addresses: &[]*egress.EgressRouterAddress{
			{Ip: jsii.String("192.168.12.99/24"), Gateway: jsii.String("192.168.12.1")},
		},
		Hosts: &[]*egress.EgressRouterHost{
			// Resolved by the router, again and again.
			{Name: jsii.String("api.bank.example"), Ports: jsii.Numbers(443.0)},
			// Fixed.
			{
				Name:      jsii.String("db.partner.example"),
				Ports:     jsii.Numbers(5432.0),
				Addresses: jsii.Strings("203.0.113.30"),
			},
			// Resolved, bounded.
			{
				Name:         jsii.String("licence.vendor.example"),
				Ports:        jsii.Numbers(27000.0, 27001.0),
				AllowedCidrs: jsii.Strings("198.51.100.0/24"),
			},
		},
	})

	// Its pods resolve the hosts to the router, and no other pod may connect to it.
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
	for _, line := range *router.Describe() {
		fmt.Fprintln(os.Stderr, *line)
	}
}
