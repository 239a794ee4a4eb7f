// Moves the default route of a pod as Multus does it for the annotation "default-route", with its own code.
//
//	multus-routes delete NETNS INTERFACE
//	multus-routes set NETNS INTERFACE GATEWAY...
package main

import (
	"fmt"
	"net"
	"os"

	"gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/netutils"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) == 3 && words[0] == "delete" {
		return netutils.DeleteDefaultGW(words[1], words[2])
	}
	if len(words) < 4 || words[0] != "set" {
		return fmt.Errorf("usage: multus-routes delete|set NETNS INTERFACE [GATEWAY...]")
	}
	var gateways []net.IP
	for _, word := range words[3:] {
		gateways = append(gateways, net.ParseIP(word))
	}
	return netutils.SetDefaultGW(words[1], words[2], gateways)
}
