package tracer

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// spinAmong makes calls in one thread while others are blocked, as many as
// args[0] says.
func spinAmong(args []string) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		fatal("pipe2: %v", err)
	}
	var up sync.WaitGroup
	for range atoi(args[0]) {
		up.Add(1)
		go func() {
			runtime.LockOSThread()
			up.Done()
			var b [1]byte
			_, _ = syscall.Read(p[0], b[:])
		}()
	}
	up.Wait()
	runtime.LockOSThread()
	mark(1)
	spin(50_000)
	mark(2)
}

// The cost of a stop must not grow with the number of tracees.
func BenchmarkStop(b *testing.B) {
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprintf("%d others", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				benchmarkStops(b, n)
				b.StartTimer()
			}
		})
	}
}

func benchmarkStops(b *testing.B, n int) {
	tr, err := New(Options{FollowForks: true})
	if err != nil {
		b.Fatal(err)
	}
	cmd := command(b, "among", strconv.Itoa(n))
	p, err := tr.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	var first int64
	stops := 0
	for s, err := range tr.Stops(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		stops++
		switch enteredMark(s) {
		case 1:
			first, stops = s.Event.Mono, 0
		case 2:
			b.ReportMetric(float64(s.Event.Mono-first)/float64(stops), "ns/stop")
		}
	}
	p.Release()
	if err := tr.Close(KillThem); err != nil {
		b.Fatal(err)
	}
}
