// Package cases runs programs as regression tests of their behaviour: what they
// print, how they end, what they ask of the kernel. It is behind strait test;
// docs/testing.md has the language of case files.
//
//	list, errs := cases.Find([]string{"./cases/..."})
//	for _, c := range list {
//		r := c.Run(ctx, cases.RunOptions{})
//		...
//	}
//
// A case runs in a scratch folder of its own that is gone afterwards, traced from
// its first instruction, and nothing that it started outlives it. Each run has a
// goroutine of its own, since tracing binds to a thread.
//
// It is not where behaviours are compared (strait/internal/golden) nor where
// rules are understood (strait/policy): it has both done.
package cases
