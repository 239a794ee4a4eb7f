module coredns

go 1.24.0

tool github.com/coredns/coredns

require github.com/coredns/coredns v1.12.1
