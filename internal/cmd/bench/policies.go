package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// policies are the workloads that run under a policy, and without one.
func policies(dir string) []workload {
	in := func(name string) string { return filepath.Join(dir, name) }
	held := found(
		tracer{name: "native", argv: []string{in("held")}},
		tracer{name: "strait run --policy", argv: []string{in("strait"), "run", "--policy", in("held.yaml"), "--audit", "/dev/null", in("held")}})
	list := []workload{
		{name: "held-open", what: "an open that the policy allows, and close", argv: []string{"open", "5000", in("hello.c")}},
		{name: "held-denied", what: "an open that the policy denies; native: that succeeds", argv: []string{"open", "5000", in("hello/hello.go")}},
		{name: "held-connect", what: "connect of a datagram socket", argv: []string{"connect", "5000"}},
		{name: "held-exec", what: "fork and exec of true", argv: []string{"exec", "100", "/bin/true"}},
		{name: "held-work", what: "a thousand multiplications, which no policy is about", argv: []string{"work", "100000"}},
		{name: "held-1000", what: "starting 1,000 processes that are there at once; the memory is the supervisor's", argv: []string{"crowd", "1000"}},
	}
	for i := range list {
		list[i].says, list[i].tools = true, held
	}
	return list
}

// writePolicy writes the policy that they run under.
func writePolicy(dir string) error {
	text := fmt.Sprintf(`version: 1
include: [std/runtime]
profiles:
  main:
    - deny(EACCES) fs.* %[1]s/hello/**
    - allow fs.read %[1]s/** /sys/**
    - allow exec /bin/* /usr/bin/*
    - allow net.connect udp 127.0.0.1:9
`, dir)
	return os.WriteFile(filepath.Join(dir, "held.yaml"), []byte(text), 0o644)
}
