package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRunIgnored: what was ignored when strait run began stays ignored, in
// whatever way it runs the program. The test binary has no symbols to find that
// by.
func TestRunIgnored(t *testing.T) {
	strait := builtStrait(t)
	for _, flags := range [][]string{nil, {"--trace=/dev/null"}, {"-r", "deny fs.read /nosuch"}} {
		words := append([]string{"-c", `trap "" PIPE; exec "$@" grep SigIgn /proc/self/status`, "sh", strait, "run"}, flags...)
		out, err := exec.Command("sh", words...).CombinedOutput()
		if err != nil || !strings.HasSuffix(string(out), "1000\n") {
			t.Errorf("%q: got %q %v", flags, out, err)
		}
	}
}
