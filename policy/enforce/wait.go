package enforce

import (
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"strait/tracer"

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
// (restartSys). It does so only for a thread that has a signal to look at, and any other
// would see that number, as when another thread has taken what was the process's: so the
// thread gets one that the program ignores. It is pending before the answer comes.
func (l *listener) restart(t *task, r *response) {
	sig := ignoredSignal(t.tid)
	if (sig == 0 || unix.Tgkill(t.pid, t.tid, sig) != nil) && !signalPending(t.tid) {
		r.err = -int32(unix.EINTR)
	}
	_ = l.ioctl(notifSend, unsafe.Pointer(r)) // ENOENT: it is gone
}

// ignoredSignal returns a signal that a thread does not block and that does nothing to its
// process, 0 if there is none.
func ignoredSignal(tid int) unix.Signal {
	m := signalMasks(tid)
	for _, sig := range [...]unix.Signal{unix.SIGURG, unix.SIGWINCH, unix.SIGCHLD} {
		if (m["SigBlk"]|m["SigCgt"])&(1<<(sig-1)) == 0 {
			return sig
		}
	}
	return 0
}

// ofRestart reports whether a stop is for a signal that restart has sent.
func ofRestart(s *tracer.Stop) bool {
	if s.Kind != tracer.Signal {
		return false
	}
	const tkill = -6 // SI_TKILL (include/uapi/asm-generic/siginfo.h)
	b := s.Siginfo()
	at := 8 + int(unsafe.Sizeof(uintptr(0))) // of si_pid, behind si_code
	pid := binary.NativeEndian.Uint32(b[at:])
	return int32(binary.NativeEndian.Uint32(b[8:])) == tkill && (pid == uint32(os.Getpid()) || pid == 0) &&
		slices.Contains([]unix.Signal{unix.SIGURG, unix.SIGWINCH, unix.SIGCHLD}, unix.Signal(s.Event.Sig))
}

// signalMasks reads the sets of signals in a thread's status; nil: it is gone
// (proc_pid_status(5)).
func signalMasks(tid int) map[string]uint64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return nil
	}
	out := map[string]uint64{}
	for line := range strings.Lines(string(b)) {
		key, val, _ := strings.Cut(line, ":")
		if key != "ShdPnd" && !strings.HasPrefix(key, "Sig") {
			continue
		}
		if n, err := strconv.ParseUint(strings.TrimSpace(val), 16, 64); err == nil {
			out[key] = n
		}
	}
	return out
}

// signalPending reports whether a thread has a signal that it neither blocks nor
// ignores.
func signalPending(tid int) bool {
	m := signalMasks(tid)
	return m == nil || (m["SigPnd"]|m["ShdPnd"])&^(m["SigBlk"]|m["SigIgn"]) != 0
}
