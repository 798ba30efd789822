package main

import (
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// A sample is one run.
type sample struct {
	wall, cpu float64 // seconds
	rss       int64   // peak, KiB, of the largest process
}

// measure runs a workload under each tracer in turn and prints a table.
func measure(w workload, tools []tracer, runs int) error {
	got := make([][]sample, len(tools))
	for i := -1; i < runs; i++ { // the first round warms up
		for j, t := range tools {
			s, err := run(t, w)
			if err != nil {
				return fmt.Errorf("under %s: %w", t.name, err)
			}
			if i >= 0 {
				got[j] = append(got[j], s)
			}
		}
	}
	fmt.Println(w.name)
	ours := median(got[len(got)-1], wall)
	for j, t := range tools {
		m := median(got[j], wall)
		lo, hi := spread(got[j])
		fmt.Printf("  %-16s %8.3f [%.3f %.3f]  cpu %7.3f  rss %6d KiB", t.name, m, lo, hi,
			median(got[j], func(s sample) float64 { return s.cpu }), int64(median(got[j], func(s sample) float64 { return float64(s.rss) })))
		if t.own && j < len(tools)-1 {
			fmt.Printf("  %s / strait %.2f", t.name, m/ours)
		}
		fmt.Println()
	}
	fmt.Println()
	return nil
}

func run(t tracer, w workload) (sample, error) {
	argv := w.argv
	if t.own {
		argv = slices.Concat(t.argv, w.opts, w.argv)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return sample{}, err
	}
	s := sample{wall: time.Since(start).Seconds()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = int64(ru.Maxrss) //nolint:unconvert // 32 bits wide on 32-bit machines
	}
	s.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return s, nil
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
