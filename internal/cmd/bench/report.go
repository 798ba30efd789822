package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A summary is a workload's medians by the name of the tool.
type summary struct {
	name string
	wall map[string]float64
}

// heading says what was measured on, and how.
func (b *bench) heading() {
	p := func(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }
	p("# Benchmarks\n\nMade by `make bench`, which runs the tools in turn (A B C A B C ...), %d times after one round that\n", b.runs)
	p("does not count. The numbers are medians, [smallest largest]; CPU time is that of tracer and program\n")
	p("together, peak memory that of the largest process, be it the tracer or not.\n\n")
	p("- %s\n- %s\n", machine(), time.Now().UTC().Format("2006-01-02"))
	for _, t := range b.tools {
		if t.kind == anyStrace && t.name != onOneCPU {
			out, _ := exec.Command(t.argv[0], "-V").Output()
			first, _, _ := strings.Cut(string(out), "\n")
			p("- %s: %s\n", t.name, first)
		}
	}
	p("\n")
}

// machine describes this one.
func machine() string {
	var u syscall.Utsname
	release := ""
	if syscall.Uname(&u) == nil {
		for _, c := range u.Release {
			if c == 0 {
				break
			}
			release += string(rune(c))
		}
	}
	virtual := ""
	if strings.Contains(field("/proc/cpuinfo", "flags"), " hypervisor ") {
		virtual = ", a virtual machine"
	}
	return fmt.Sprintf("Linux %s %s, %d CPUs (%s)%s, %s of memory, %s", release, runtime.GOARCH, runtime.NumCPU(),
		field("/proc/cpuinfo", "model name"), virtual, field("/proc/meminfo", "MemTotal"), runtime.Version())
}

// field returns the value of a line "name : value" of a file.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// table prints what came out for a workload.
func (b *bench) table(w workload, tools []tracer, got [][]sample) {
	p := func(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }
	unit, scale := "wall, s", 1.0
	if w.says {
		unit, scale = "µs each", 1e6
	}
	p("## %s\n\n%s\n\n| | %s | | / %s | CPU, s | memory, KiB |\n| --- | ---: | --- | ---: | ---: | ---: |\n", w.name, w.what, unit, tools[len(tools)-1].name)
	sum := summary{w.name, map[string]float64{}}
	mine := median(got[len(got)-1], wall)
	for j, t := range tools {
		m := median(got[j], wall)
		lo, hi := spread(got[j])
		sum.wall[t.name] = m
		p("| %s | %.3f | [%.3f %.3f] | %.2f | %.3f | %d |\n", t.name, m*scale, lo*scale, hi*scale, m/mine,
			median(got[j], func(s sample) float64 { return s.cpu }), int64(median(got[j], func(s sample) float64 { return float64(s.rss) })))
	}
	p("\n")
	if w.tools == nil {
		b.sums = append(b.sums, sum)
	}
}

// summary prints how much faster strait is than the others.
func (b *bench) summary() {
	if len(b.sums) == 0 {
		return
	}
	p := func(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }
	p("## All of them\n\nWall time of each tool / that of strait: above 1, strait is faster.\n\n|")
	var names []string
	for _, t := range b.tools {
		if t.name != "strait" {
			names = append(names, t.name)
		}
	}
	p(" | %s |\n| ---%s |\n", strings.Join(names, " | "), strings.Repeat(" | ---:", len(names)))
	for _, s := range b.sums {
		p("| %s", s.name)
		for _, n := range names {
			if m, ok := s.wall[n]; ok {
				p(" | %.2f", m/s.wall["strait"])
			} else {
				p(" |")
			}
		}
		p(" |\n")
	}
}
