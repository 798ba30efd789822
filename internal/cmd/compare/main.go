// Compare runs a program under strace and under strait and prints the lines in
// which the two traces differ, beyond those in which two strace runs do.
//
//	go run ./internal/cmd/compare [-strace PATH] [-strait PATH] [-x OPTION]... -- PROG [ARG...]
//
// It exits with 1 when there is a difference.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"strait/internal/tracefile"
)

func main() {
	strace := flag.String("strace", cmp.Or(os.Getenv("STRAIT_STRACE"), "strace"), "the tracer to compare with")
	strait := flag.String("strait", "./strait", "our tracer")
	opts := flag.String("x", "-f", "options for both, separated by spaces")
	flag.Parse()
	n, err := compare(*strace, *strait, strings.Fields(*opts), flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	if n > 0 {
		os.Exit(1)
	}
}

func compare(strace, strait string, opts, prog []string) (int, error) {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	var runs [3][]tracefile.Record
	for i, tool := range []string{strace, strace, strait} {
		if runs[i], err = trace(tool, filepath.Join(dir, "trace"), opts, prog); err != nil {
			return 0, err
		}
	}
	diff := tracefile.Compare(runs[0], runs[2], tracefile.Noise(runs[0], runs[1]))
	for _, d := range diff {
		fmt.Println(d)
	}
	fmt.Printf("%d lines, %d differ\n", len(runs[0]), len(diff))
	return len(diff), nil
}

func trace(tool, file string, opts, prog []string) ([]tracefile.Record, error) {
	cmd := exec.Command(tool, append(append(append([]string{}, opts...), "-o", file, "--"), prog...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		var status *exec.ExitError
		if !errors.As(err, &status) {
			return nil, fmt.Errorf("%s: %w\n%s", tool, err, out)
		}
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return tracefile.Parse(f)
}
