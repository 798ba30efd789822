// Calls decodes tables of system calls (testdata/prog/tables/*.calls) and
// compares the lines with those that strace prints for the same calls.
//
//	go run ./internal/cmd/calls [-strace PATH] [-record] [-abi ABI] TABLE...
//	go run ./internal/cmd/calls -strace PATH -strait PATH [-x OPTIONS] [-abi ABI] TABLE...
//
// Without strace it compares with the lines recorded beside the table
// (TABLE.want); -record writes those, from strace. With -strait the two tracers
// themselves trace the calls, under any options: -x "-f -v", where each line is cut
// in two, or -x "-N -v". It exits with 1 when there is a difference, with 2 when a table could not be compared.
//
// With -abi the calls are made, as far as there are such, as another ABI makes them: i386 and x32 anywhere
// on x86-64, others in a machine of theirs, where -run is the program itself, with netlink.so
// beside it (internal/cmd/guest -tables does that).
//
// A call of a table is never carried out: the program that makes it
// (testdata/prog/tables/run.c) lets a seccomp listener answer it, with the
// result that the table says. So a table may hold any call with any result.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"strait/syscalls"
)

func main() {
	strace := flag.String("strace", os.Getenv("STRAIT_STRACE"), "the tracer to compare with")
	source := flag.String("run", "testdata/prog/tables/run.c", "source of the program that makes the calls, or the program")
	abi := flag.String("abi", "amd64", "the ABI of the calls before which a table says none")
	sample := flag.Int("sample", 0, "take at most so many calls of each line of a table, spread over all that it makes; 0 means all")
	styles := flag.String("variants", "", "the sets of options, by their names in TABLE.want, separated by commas; all without it")
	record := flag.Bool("record", false, "write TABLE.want from what strace prints")
	strait := flag.String("strait", "", "our tracer, to be compared with strace under -x instead of the decoder")
	options := flag.String("x", "-f", "options for both tracers, separated by spaces; -f shows where calls are cut in two")
	most := flag.Int("n", 0, "show at most so many differences for each table and set of options; 0 means all")
	flag.Parse()
	start := syscalls.ByName(*abi)
	if start == nil || *record && (start.ID != syscalls.AMD64 || *sample > 0 || *styles != "") {
		fmt.Fprintf(os.Stderr, "calls: -abi %s: there is no such ABI, or not all of the table would be recorded\n", *abi)
		os.Exit(2)
	}
	status := 0
	for _, name := range flag.Args() {
		t, err := readTable(name, start)
		if err == nil && t.protocols != nil && (*strace != "" || *strait != "") && !tellsNetlink() {
			fmt.Printf("%s: %s: left out: this kernel does not tell the protocols of netlink sockets\n", name, start.Name)
			continue
		}
		n := 0
		if err == nil {
			t.thin(*sample)
			if *styles != "" {
				t.variants = slices.DeleteFunc(t.variants, func(v variant) bool { return !slices.Contains(strings.Split(*styles, ","), v.name) })
			}
		}
		switch {
		case err != nil:
		case *strait != "":
			n, err = t.compareTraced(*strace, *strait, *source, strings.Fields(*options), *most)
		default:
			n, err = t.compare(*strace, *source, *record, *most)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "calls: %s: %v\n", name, err)
			status = 2
		}
		if n > 0 {
			status = max(status, 1)
		}
	}
	os.Exit(status)
}

// compare compares what we decode with what strace prints, or with what is recorded, or records that.
func (t *table) compare(strace, source string, record bool, most int) (int, error) {
	ours := t.decode()
	theirs, err := expected(t, t.name, strace, source)
	if err != nil {
		return 0, err
	}
	if record {
		return 0, os.WriteFile(t.name+".want", []byte(t.format(theirs)), 0o644)
	}
	differ, shown := 0, make([]bool, len(t.calls))
	for v := range t.variants {
		n := 0
		for i := range t.calls {
			if brief(ours[v][i]) == brief(theirs[v][i]) || theirs[v][i] == "" && !t.variants[v].halves {
				continue
			}
			differ++
			if shown[i] || most != 0 && n >= most {
				continue // one variant of a call says enough
			}
			n, shown[i] = n+1, true
			fmt.Printf("%s:%d %s\n- %s\n+ %s\n", t.name, t.calls[i].line, t.variants[v].name, theirs[v][i], ours[v][i])
		}
	}
	fmt.Printf("%s: %s: %d calls, %d left out, %d of %d lines differ\n", t.name, t.start.Name, len(t.calls), t.left, differ, len(t.calls)*len(t.variants))
	return differ, nil
}

func expected(t *table, name, strace, source string) (lines, error) {
	if strace == "" && t.foreign() {
		return nil, fmt.Errorf("no lines are recorded for %s: name a strace", t.start.Name)
	}
	if strace != "" {
		return t.trace(strace, source, t.variants)
	}
	text, err := os.ReadFile(name + ".want")
	if err != nil {
		return nil, err
	}
	return t.parseWant(string(text))
}
