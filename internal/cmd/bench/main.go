// Bench measures what tracing costs: each workload runs by itself, under strace
// and under strait in turn, in one run on one machine, and the medians are
// printed with their ratios.
//
//	go run ./internal/cmd/bench [-n RUNS] [-strace PATH] [-only WORKLOAD,...]
//
// STRAIT_STRACE names a second strace to compare with. Times of one machine say
// nothing about another; the ratios say more.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	runs := flag.Int("n", 5, "runs of each command, of which the median counts")
	strace := flag.String("strace", "strace", "the installed strace")
	only := flag.String("only", "", "workloads, separated by commas (default all)")
	flag.Parse()
	if err := bench(*runs, *strace, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(runs int, strace, only string) error {
	dir, err := os.MkdirTemp("", "strait-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return err
	}
	tools := tracers(dir, strace)
	fmt.Println(machine(tools))
	fmt.Printf("%d runs each, in turn; medians of wall time in seconds [min max]\n\n", runs)
	for _, w := range workloads(dir) {
		if only != "" && !contains(strings.Split(only, ","), w.name) {
			continue
		}
		if why := w.missing(); why != "" {
			fmt.Printf("%s: skipped: %s\n\n", w.name, why)
			continue
		}
		if err := measure(w, tools, runs); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
