package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"strait/internal/cmd/calls/runner"
	"strait/syscalls"
)

// The marker is a call that the runner's own code does not make, and which shows alike
// under all options: it stands before those of the table.
const (
	markerName = "munlockall"
	markerLine = markerName + "() = 81"
)

// marker returns the marker as the runner for abi makes it: that of i386 and x32 is a
// program of amd64.
func marker(abi *syscalls.ABI) call {
	if abi.ID == syscalls.I386 || abi.ID == syscalls.X32 {
		abi = syscalls.ByID(syscalls.AMD64)
	}
	nr, _ := abi.Number(markerName)
	return call{abi: abi, nr: nr, ret: 81}
}

// trace has the tracer tool trace the calls under each of the variants.
func (t *table) trace(tool, source string, variants []variant) (lines, error) {
	dir, err := os.MkdirTemp("", "calls")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := source
	if strings.HasSuffix(source, ".c") {
		program = filepath.Join(dir, runner.Program)
		if err := runner.Build([]string{"gcc"}, source, dir); err != nil {
			return nil, err
		}
	}
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, t.script(), 0o600); err != nil {
		return nil, err
	}
	all := make(lines, len(variants))
	for v := range variants {
		if all[v], err = t.traceOnce(tool, &variants[v], program, script); err != nil {
			return nil, fmt.Errorf("%s %s: %w", filepath.Base(tool), strings.Join(variants[v].options, " "), err)
		}
	}
	all.markCuts(variants)
	return all, nil
}

func (t *table) traceOnce(tool string, v *variant, program, script string) ([]string, error) {
	out := script + ".trace"
	args := append([]string{"-a1", "-q", "-o", out}, v.options...)
	cmd := exec.Command(tool, append(args, "--", program, script)...)
	library, err := filepath.Abs(filepath.Join(filepath.Dir(program), runner.Library))
	if err != nil {
		return nil, err
	}
	cmd.Env = append(os.Environ(), "TZ=UTC", "LD_PRELOAD="+library)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, msg)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	if slices.Contains(v.options, "-f") {
		text = halves(text)
	}
	_, text2, ok := strings.Cut(string(text), markerName+"() = ")
	_, rest, ok2 := strings.Cut(text2, "\n")
	if !ok || !ok2 {
		return nil, fmt.Errorf("the marker %s is not in the trace", markerLine)
	}
	got := strings.Split(rest, "\n")
	if len(got) < len(t.calls) {
		return nil, fmt.Errorf("%d lines for %d calls:\n%s", len(got), len(t.calls), got[len(got)-1])
	}
	return got[:len(t.calls)], nil
}

// script is the table as the runner reads it.
func (t *table) script() []byte {
	var p []byte
	for _, protocol := range t.protocols {
		p = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(p, 2), protocol)
	}
	m := marker(t.start)
	p = appendCall(p, &m)
	for _, e := range t.events {
		if e.patch != nil {
			p = appendPatch(binary.LittleEndian.AppendUint64(p, 0), e.patch)
			continue
		}
		p = appendCall(p, &t.calls[e.call])
	}
	return p
}

func appendCall(p []byte, c *call) []byte {
	u64 := binary.LittleEndian.AppendUint64
	nr := c.nr
	switch c.abi.ID {
	case syscalls.X32:
		nr |= syscalls.X32Bit
	case syscalls.I386:
		nr |= 1 << 32
	}
	p = u64(u64(p, 1), nr)
	for _, a := range c.args {
		p = u64(p, a)
	}
	p = u64(u64(p, uint64(c.ret)), uint64(len(c.patches)))
	for i := range c.patches {
		p = appendPatch(p, &c.patches[i])
	}
	return p
}

func appendPatch(p []byte, w *patch) []byte {
	p = binary.LittleEndian.AppendUint64(p, w.addr)
	p = binary.LittleEndian.AppendUint64(p, uint64(len(w.data)))
	p = append(p, w.data...)
	return append(p, make([]byte, -len(w.data)&7)...)
}

// halves are the lines of the first task of a trace with -f, without its number.
// Where the program that answers the calls cuts one in two, as it does with all of
// them, " ~ " stands between the halves.
func halves(text []byte) []byte {
	var out []byte
	var begun string
	first := taskOf(string(text))
	for line := range strings.Lines(string(text)) {
		if taskOf(line) != first {
			continue
		}
		_, line, _ := strings.Cut(line, " ")
		line = strings.TrimLeft(line, " ")
		if entry, ok := strings.CutSuffix(line, " <unfinished ...>\n"); ok {
			begun = entry
			continue
		}
		if before, exit, ok := strings.Cut(line, " resumed>"); ok && strings.Contains(before, "<... ") {
			if line = begun + " ~ " + exit; strings.HasSuffix(begun, markerName+"(") {
				line = begun + strings.TrimLeft(exit, " ")
			}
		}
		out = append(out, line...)
	}
	return out
}

// taskOf is the number of the task that a line with -f is about, which may have its name
// behind it.
func taskOf(line string) string {
	if i := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		return line[:i]
	}
	return line
}

// compareTraced traces the table's calls with two tracers under the same options and
// prints the lines that differ.
func (t *table) compareTraced(strace, strait, source string, options []string, most int) (int, error) {
	var got [2][]string
	for i, tool := range [...]string{strace, strait} {
		all, err := t.trace(tool, source, []variant{{options: options}})
		if err != nil {
			return 0, err
		}
		got[i] = all[0]
	}
	n := 0
	for i := range t.calls {
		if got[0][i] != got[1][i] {
			if n++; most == 0 || n <= most {
				fmt.Printf("%s:%d\n- %s\n+ %s\n", t.name, t.calls[i].line, got[0][i], got[1][i])
			}
		}
	}
	fmt.Printf("%s: %s: %d calls, %d left out, %d differ under %s\n", t.name, t.start.Name, len(t.calls), t.left, n, strings.Join(options, " "))
	return n, nil
}
