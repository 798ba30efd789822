// Package policytest holds what a program does against what a Go test expects of
// it: what it asks of the kernel, how it ends, what it writes.
//
//	func TestConvert(t *testing.T) {
//		cmd := exec.Command("convert", "in.png", "out.jpg")
//		policytest.Run(t, cmd,
//			policytest.Golden("testdata/convert.trace"),
//			policytest.Never("net.*"),
//			policytest.Writes("./out.jpg"),
//			policytest.Execs(),
//			policytest.AtMost("openat", 40),
//		)
//	}
//
// The program runs traced from its first instruction, with all that it starts;
// nothing of it outlives the test. Effects, objects and conditions are those of
// policies (docs/policy.md of strait); cases in files for the strait test command,
// which know the same expectations, are in docs/testing.md.
//
// # Where the program runs
//
// As [exec.Cmd] says: in Cmd.Dir, or where the test runs, with Cmd.Env, or the
// test's environment; but in a session of its own, without a terminal. ./ in
// expectations and golden traces is that folder. With [Scratch] it runs in a folder of
// its own that is gone afterwards, and with an environment that is the same for
// everybody.
//
// # Golden traces
//
// A golden trace is the behaviour without what differs from run to run and from
// machine to machine. It is written, not compared, if the environment has
// STRAIT_UPDATE=1,
//
//	STRAIT_UPDATE=1 go test ./...
//
// or if the test has a flag -update of its own, as many have for their golden
// files, and it is set. The package defines no flag: that would clash with the
// test's, and go test ./... hands a flag to packages that do not know it.
//
// In golden traces $BUILD stands for the folder of a program that is in a
// temporary one (t.TempDir, go test's own), and $TEMP for other temporary folders
// that the command names.
//
// # What it is not
//
// It does not confine the program, unless [Enforce] is given: what must not
// happen has happened when the test fails. It needs Linux and the right to trace.
package policytest
