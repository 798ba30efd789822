package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tracer is a command that runs another one; the native run has no words.
type tracer struct {
	name string
	argv []string // before the options of the workload
	kind kind
}

// kind says what a tracer's command line is like.
type kind uint8

const (
	native    kind = iota // nothing is traced
	bareLoop              // takes the command and nothing else
	anyStrace             // takes strace's options
	ours                  // strait's, too
)

// tracers are the tools that there are, strait last.
func tracers(dir, strace string) []tracer {
	list := []tracer{{name: "native"}}
	newest := os.Getenv("STRAIT_STRACE")
	if _, err := exec.LookPath(strace); err == nil && strace != newest {
		list = append(list, tracer{"strace, installed", []string{strace}, anyStrace})
	}
	if newest == "" {
		newest = strace
	} else {
		list = append(list, tracer{"strace, newest", []string{newest}, anyStrace})
	}
	if _, err := exec.LookPath("taskset"); err == nil && len(list) > 1 {
		list = append(list, tracer{onOneCPU, []string{"taskset", "-c", firstCPU(), newest}, anyStrace})
	}
	if bare := filepath.Join(dir, "bare-c"); exists(bare) {
		list = append(list, tracer{"bare loop, C", []string{bare}, bareLoop})
	}
	strait := filepath.Join(dir, "strait")
	return append(list,
		tracer{"bare loop, Go", []string{filepath.Join(dir, "bare")}, bareLoop},
		tracer{"strait --placement=free", []string{strait, "--placement=free"}, ours},
		tracer{"strait --placement=together", []string{strait, "--placement=together"}, ours},
		tracer{"strait", []string{strait}, ours})
}

const onOneCPU = "strace, on one CPU"

// firstCPU is one that this process may run on.
func firstCPU() string {
	out, err := exec.Command("taskset", "-cp", "self").Output()
	if err != nil {
		return "0"
	}
	_, list, _ := strings.Cut(string(out), ": ")
	return strings.FieldsFunc(list, func(r rune) bool { return r < '0' || r > '9' })[0]
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// suits says whether a tool takes part in a workload.
func (t tracer) suits(w workload) bool {
	switch {
	case t.kind == bareLoop:
		return w.bare
	case t.kind == ours && len(t.argv) > 1:
		return w.placements
	case t.kind == anyStrace:
		return !w.own
	}
	return true
}

// command is what runs a workload under a tool.
func (t tracer) command(w workload) []string {
	var argv []string
	switch t.kind {
	case native, bareLoop:
		argv = append(argv, t.argv...)
	case ours:
		argv = append(append(append(argv, t.argv...), w.opts...), w.extra...)
	default:
		argv = append(append(argv, t.argv...), w.opts...)
	}
	return append(argv, w.argv...)
}
