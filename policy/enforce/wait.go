package enforce

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watchPeriod is how soon a signal ends a call that is waited for.
const watchPeriod = 5 * time.Millisecond

// watchWait interrupts thread tid of ours, which waits on behalf of a thread of
// the program, when that has a signal to take or is gone; until done is closed.
func (l *listener) watchWait(done <-chan struct{}, id uint64, t *task, tid int) {
	tick := time.NewTicker(watchPeriod)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if !l.valid(id) || l.closing.Load() || signalPending(t.tid) {
			_ = unix.Tgkill(unix.Getpid(), tid, interruptSignal)
		}
	}
}

// signalPending reports whether a thread has a signal that it neither blocks nor
// ignores.
func signalPending(tid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return true
	}
	var pending, out uint64
	for line := range strings.Lines(string(b)) {
		key, val, _ := strings.Cut(line, ":")
		n, err := strconv.ParseUint(strings.TrimSpace(val), 16, 64)
		if err != nil {
			continue
		}
		switch key {
		case "SigPnd", "ShdPnd":
			pending |= n
		case "SigBlk", "SigIgn":
			out |= n
		}
	}
	return pending&^out != 0
}
