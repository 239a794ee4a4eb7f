// The same calls as main.ts, in Go.
package main

import (
	"strings"

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
	})
	app := cdk8s.NewApp(nil)
	router := egress.NewEgressRouter(chartOf(app, "egress-router", "partners"), jsii.String("partners"), &egress.EgressRouterProps{
		Cluster: cluster,
		Mode: egress.RouterMode_Standalone(&egress.StandaloneRouterOptions{
			Image:     jsii.String("registry.example.com/egress-router:0.1.0"),
			LiveRules: jsii.Bool(true),
			Resolver:  egress.DnsResolver_Node(&egress.DnsResolverOptions{UnresolvedIsUnready: jsii.Bool(true)}),
		}),
		Addresses: &[]*egress.EgressRouterAddress{
			{Ip: jsii.String("192.168.12.99/24"), Gateway: jsii.String("192.168.12.1")},
		},
		Hosts: &[]*egress.EgressRouterHost{
			{
				Name:         jsii.String("api.bank.example"),
				Ports:        jsii.Numbers(443.0),
				RouterPorts:  jsii.Numbers(20443.0),
				AllowedCidrs: jsii.Strings("203.0.113.0/24"),
				ClusterIps:   jsii.Strings("10.96.0.40"),
			},
		},
	})
	router.AddHost(&egress.EgressRouterHost{
		Name:        jsii.String("db.partner.example"),
		Ports:       jsii.Numbers(5432.0),
		Addresses:   jsii.Strings("203.0.113.30"),
		ClusterIps:  jsii.Strings("10.96.0.41"),
		ServiceName: jsii.String("partner-db"),
	})

	chart := chartOf(app, "shop", "shop")
	shop := kplus.NewDeployment(chart, jsii.String("shop"), &kplus.DeploymentProps{
		Metadata:   &cdk8s.ApiObjectMetadata{Name: jsii.String("shop")},
		Containers: &[]*kplus.ContainerProps{{Image: jsii.String("registry.example.com/shop:1")}},
	})
	router.Admit(shop, &egress.EgressRouterAdmitOptions{Hosts: jsii.Strings("db.partner.example")})
	router.CloseBypass(chart, jsii.String("no-bypass"), shop)

	routers := []egress.EgressRouter{router}
	names := jsii.String("names")
	egress.NewCoreDnsNames(cdk8s.NewChart(app, jsii.String("core-dns"), nil), names, &egress.CoreDnsNamesProps{Routers: &routers})
	egress.NewRke2DnsNames(cdk8s.NewChart(app, jsii.String("rke2"), nil), names, &egress.Rke2DnsNamesProps{
		Routers: &routers,
		Values:  &map[string]interface{}{"nodelocal": map[string]interface{}{"enabled": true}},
	})
	okd := egress.NewOkdDnsNames(chartOf(app, "okd", "partner-dns"), names, &egress.OkdDnsNamesProps{
		Routers:   &routers,
		Image:     jsii.String("registry.k8s.io/coredns/coredns:v1.12.1"),
		ClusterIp: jsii.String("10.96.0.53"),
	})

	aliases := []string{}
	for _, alias := range *router.HostAliases() {
		words := []string{*alias.Ip}
		for _, hostname := range *alias.Hostnames {
			words = append(words, *hostname)
		}
		aliases = append(aliases, strings.Join(words, " "))
	}
	lines := []string{}
	for _, line := range *egress.CoreDnsNames_CorefileLines(&routers, jsii.String("k8s.example")) {
		lines = append(lines, *line)
	}
	unknown := "one"
	if router.HostService(jsii.String("unknown.example")) == nil {
		unknown = "none"
	}
	forward := (*okd.DnsServer())["forwardPlugin"].(map[string]interface{})
	kplus.NewConfigMap(chartOf(app, "values", "shop"), jsii.String("values"), &kplus.ConfigMapProps{
		Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("values")},
		Data: &map[string]*string{
			"aliases":  jsii.String(strings.Join(aliases, "\n")),
			"corefile": jsii.String(strings.Join(lines, "\n")),
			"patch":    okd.PatchCommand(jsii.Bool(true)),
			"service":  router.HostService(jsii.String("API.bank.example.")).Name(),
			"unknown":  jsii.String(unknown),
			"upstream": jsii.String(forward["upstreams"].([]interface{})[0].(string)),
		},
	})

	app.Synth()
}

func chartOf(app cdk8s.App, id string, namespace string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{Namespace: jsii.String(namespace)})
}
