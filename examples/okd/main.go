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

	app := cdk8s.NewApp(nil)
	chart := cdk8s.NewChart(app, jsii.String("egress-router"), &cdk8s.ChartProps{Namespace: jsii.String("egress")})

	router := egress.NewEgressRouter(chart, jsii.String("egress-1"), &egress.EgressRouterProps{
		Addresses: &[]*egress.EgressRouterAddress{
			{Ip: jsii.String("192.168.12.99/24"), Gateway: jsii.String("192.168.12.1")},
		},
		RedirectRules: &[]*egress.RedirectRule{
			{Port: jsii.Number(80), Protocol: kplus.Protocol_UDP, DestinationIp: jsii.String("203.0.113.25")},
			{Port: jsii.Number(8080), Protocol: kplus.Protocol_TCP, DestinationIp: jsii.String("203.0.113.26"), TargetPort: jsii.Number(80)},
			{Port: jsii.Number(8443), Protocol: kplus.Protocol_TCP, DestinationIp: jsii.String("203.0.113.26"), TargetPort: jsii.Number(443)},
		},
		FallbackIp: jsii.String("203.0.113.27"),
	})

	app.Synth()
	for _, line := range *router.Describe() {
		fmt.Fprintln(os.Stderr, *line)
	}
}
