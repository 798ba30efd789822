// Bench measures what tracing costs: each workload runs by itself, under strace
// and under strait in turn, in one run on one machine. It prints the medians with
// their spread and ratios, as docs/benchmarks.md has them.
//
//	go run ./internal/cmd/bench [-n RUNS] [-only WORKLOAD,...] [-strace PATH] [-out FILE]
//
// STRAIT_STRACE names a second strace, the newest, to compare with. Times of one
// machine say nothing about another; the ratios say more.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	runs := flag.Int("n", 5, "runs of each command, of which the median counts")
	strace := flag.String("strace", "strace", "the installed strace")
	only := flag.String("only", "", "workloads, separated by commas (default all)")
	out := flag.String("out", "", "also write the result to this file")
	list := flag.Bool("list", false, "name the workloads, and do nothing")
	calls := flag.Int("flat", 0, "instead trace this many calls once with strait, and print its peak memory")
	flag.Parse()
	err := func() error {
		dir, err := os.MkdirTemp("", "strait-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if *list {
			for _, w := range workloads(dir) {
				fmt.Printf("%-14s %s\n", w.name, w.what)
			}
			return nil
		}
		if err := build(dir); err != nil {
			return err
		}
		if *calls > 0 {
			return flat(dir, *calls)
		}
		b := &bench{dir: dir, runs: *runs, tools: tracers(dir, *strace)}
		if *only != "" {
			b.only = strings.Split(*only, ",")
		}
		return b.write(*out)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A bench is one run of everything.
type bench struct {
	dir   string
	runs  int
	tools []tracer
	only  []string // names of workloads; none: all
	out   io.Writer
	sums  []summary
}

// write runs and prints, to a file as well if one is named.
func (b *bench) write(file string) error {
	b.out = os.Stdout
	if file == "" {
		return b.run()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	b.out = io.MultiWriter(os.Stdout, f)
	if err := b.run(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func (b *bench) run() error {
	b.heading()
	for _, w := range workloads(b.dir) {
		if len(b.only) > 0 && !slices.Contains(b.only, w.name) {
			continue
		}
		if _, err := exec.LookPath(w.argv[0]); err != nil && w.tools == nil {
			fmt.Fprintf(b.out, "### %s\n\nleft out: %v\n\n", w.name, err)
			continue
		}
		if err := b.measure(w); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	b.summary()
	return nil
}
