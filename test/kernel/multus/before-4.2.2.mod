module multus-routes

go 1.24.0

require gopkg.in/k8snetworkplumbingwg/multus-cni.v4 v4.2.0

require (
	github.com/Masterminds/semver/v3 v3.2.1 // indirect
	github.com/containernetworking/cni v1.2.0 // indirect
	github.com/containernetworking/plugins v1.1.0 // indirect
	github.com/vishvananda/netlink v1.1.1-0.20210330154013-f5de75959ad5 // indirect
	github.com/vishvananda/netns v0.0.4 // indirect
	golang.org/x/sys v0.19.0 // indirect
	gopkg.in/natefinch/lumberjack.v2 v2.0.0 // indirect
)
