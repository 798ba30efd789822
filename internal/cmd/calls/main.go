// Calls decodes tables of system calls (testdata/prog/tables/*.calls) and
// compares the lines with those that strace prints for the same calls.
//
//	go run ./internal/cmd/calls [-strace PATH] [-record] TABLE...
//	go run ./internal/cmd/calls -strace PATH -strait PATH [-x OPTIONS] TABLE...
//
// Without strace it compares with the lines recorded beside the table
// (TABLE.want); -record writes those, from strace. With -strait the two tracers
// themselves trace the calls, under any options: -x "-f", where each line is cut in
// two, or -x "-N -v". It exits with 1 when there is a difference.
//
// A call of a table is never carried out: the program that makes it
// (testdata/prog/tables/run.c) lets a seccomp listener answer it, with the
// result that the table says. So a table may hold any call with any result.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	strace := flag.String("strace", os.Getenv("STRAIT_STRACE"), "the tracer to compare with")
	runner := flag.String("run", "testdata/prog/tables/run.c", "source of the program that makes the calls")
	record := flag.Bool("record", false, "write TABLE.want from what strace prints")
	strait := flag.String("strait", "", "our tracer, to be compared with strace under -x instead of the decoder")
	options := flag.String("x", "-f", "options for both tracers, separated by spaces; -f shows where calls are cut in two")
	most := flag.Int("n", 0, "show at most so many differences for each table and set of options; 0 means all")
	flag.Parse()
	differ := 0
	for _, name := range flag.Args() {
		var n int
		var err error
		if *strait != "" {
			n, err = traced(name, *strace, *strait, *runner, strings.Fields(*options), *most)
		} else {
			n, err = one(name, *strace, *runner, *record, *most)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "calls:", err)
			os.Exit(2)
		}
		differ += n
	}
	if differ > 0 {
		os.Exit(1)
	}
}

func one(name, strace, runner string, record bool, most int) (int, error) {
	t, err := readTable(name)
	if err != nil {
		return 0, err
	}
	ours := t.decode()
	theirs, err := expected(t, name, strace, runner)
	if err != nil {
		return 0, err
	}
	if record {
		return 0, os.WriteFile(name+".want", []byte(t.format(theirs)), 0o644)
	}
	differ, shown := 0, make([]bool, len(t.calls))
	for v := range variants {
		n := 0
		for i := range t.calls {
			if brief(ours[v][i]) == brief(theirs[v][i]) || theirs[v][i] == "" {
				continue
			}
			differ++
			if shown[i] || most != 0 && n >= most {
				continue // one variant of a call says enough
			}
			n, shown[i] = n+1, true
			fmt.Printf("%s:%d %s\n- %s\n+ %s\n", name, t.calls[i].line, variants[v].name, theirs[v][i], ours[v][i])
		}
	}
	fmt.Printf("%s: %d calls, %d of %d lines differ\n", name, len(t.calls), differ, len(t.calls)*len(variants))
	return differ, nil
}

func traced(name, strace, strait, runner string, options []string, most int) (int, error) {
	t, err := readTable(name)
	if err != nil {
		return 0, err
	}
	return t.compareTraced(strace, strait, runner, options, most)
}

func expected(t *table, name, strace, runner string) (lines, error) {
	if strace != "" {
		return t.trace(strace, runner, variants[:])
	}
	text, err := os.ReadFile(name + ".want")
	if err != nil {
		return nil, err
	}
	return t.parseWant(string(text))
}
