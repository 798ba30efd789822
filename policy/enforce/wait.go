package enforce

import (
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

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
		if !l.valid(id) || l.closing.Load() || signalStays(t.tid) {
			_ = unix.Tgkill(unix.Getpid(), tid, interruptSignal)
		}
	}
}

// signalStays reports whether a thread has a signal to take that no other thread of its
// process takes instead, as one that runs would at once.
func signalStays(tid int) bool {
	for range 2 {
		if !signalPending(tid) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return signalPending(tid)
}

// restart answers that a signal has interrupted the call, for the kernel to make it anew
// (restartSys). It does so only for a thread that then finds the signal: any other would
// see that number. So it is done for one thread at a time, until that has taken it.
func (l *listener) restart(tid int, r *response) {
	l.restarts.Lock()
	defer l.restarts.Unlock()
	if !signalPending(tid) {
		r.err = -int32(unix.EINTR)
	}
	if l.ioctl(notifSend, unsafe.Pointer(r)) != 0 {
		return // it is gone
	}
	const most = 20 // milliseconds
	for i := 0; i < most && r.err == -int32(restartSys) && signalPending(tid); i++ {
		time.Sleep(time.Millisecond)
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
