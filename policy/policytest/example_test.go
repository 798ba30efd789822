package policytest_test

import (
	"os/exec"
	"testing"

	"strait/policy/policytest"
)

// A test function calls Run; t is its own.
var t *testing.T

func Example() {
	cmd := exec.Command("sort", "-o", "out", "in")
	policytest.Run(t, cmd,
		policytest.Scratch(map[string]string{"in": "b\na\n"}),
		policytest.Writes("./out", "/tmp/**"),
		policytest.Reads("./in"),
		policytest.Never("net.*", "exec"),
		policytest.AtMost("openat", 40),
	)
}

// The golden trace is written by STRAIT_UPDATE=1 go test.
func ExampleGolden() {
	policytest.Run(t, exec.Command("./installer"),
		policytest.Golden("testdata/installer.trace"), policytest.Effects)
}

func ExamplePolicyText() {
	policytest.Run(t, exec.Command("true"), policytest.PolicyText(`
version: 1
include: [std/runtime]
default: deny(EPERM)
profiles:
  main: []
`))
}
