package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A sample is one run.
type sample struct {
	wall, cpu float64 // seconds
	rss       int64   // peak, KiB, of the largest process
}

// measure runs a workload under each tool in turn and prints a table.
func (b *bench) measure(w workload) error {
	tools := w.tools
	if tools == nil {
		for _, t := range b.tools {
			if t.suits(w) {
				tools = append(tools, t)
			}
		}
	}
	got := make([][]sample, len(tools))
	for i := -1; i < b.runs; i++ { // the first round warms up
		for j, t := range tools {
			s, err := sampleOf(t, w)
			if err != nil {
				return fmt.Errorf("under %s: %w", t.name, err)
			}
			if i >= 0 {
				got[j] = append(got[j], s)
			}
		}
	}
	b.table(w, tools, got)
	return nil
}

// sampleOf runs a workload once.
func sampleOf(t tracer, w workload) (s sample, err error) {
	for range max(w.times, 1) {
		if w.need != nil {
			if err := w.need(); err != nil {
				return s, err
			}
		}
		one, err := run(t.command(w), w.says)
		if err != nil {
			return s, err
		}
		s.wall, s.cpu, s.rss = s.wall+one.wall, s.cpu+one.cpu, max(s.rss, one.rss)
	}
	return s, nil
}

// run runs a command; says: it prints the time that counts.
func run(argv []string, says bool) (s sample, err error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return s, fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, errs.String())
	}
	s.wall = time.Since(start).Seconds()
	if says {
		ns, err := strconv.Atoi(strings.TrimSpace(out.String()))
		if err != nil {
			return s, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
		}
		s.wall = float64(ns) / 1e9
	}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = int64(ru.Maxrss) //nolint:unconvert // 32 bits wide on 32-bit machines
	}
	s.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return s, nil
}

// flat traces many calls and prints the peak memory of strait.
func flat(dir string, calls int) error {
	w := workload{opts: []string{"-f", "-o", "/dev/null"}, argv: []string{filepath.Join(dir, "getppid"), strconv.Itoa(calls)}}
	s, err := sampleOf(tracer{"strait", []string{filepath.Join(dir, "strait")}, ours}, w)
	if err != nil {
		return err
	}
	fmt.Printf("%d calls: %.1f s, %.2f µs a call, peak memory %d KiB\n", calls, s.wall, s.wall/float64(calls)*1e6, s.rss)
	return nil
}

func wall(s sample) float64 { return s.wall }

func median(all []sample, of func(sample) float64) float64 {
	v := make([]float64, len(all))
	for i, s := range all {
		v[i] = of(s)
	}
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func spread(all []sample) (lo, hi float64) {
	lo, hi = all[0].wall, all[0].wall
	for _, s := range all {
		lo, hi = min(lo, s.wall), max(hi, s.wall)
	}
	return lo, hi
}
