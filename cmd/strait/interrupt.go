package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"strait/tracer"

	"golang.org/x/sys/unix"
)

// An interruption is a signal that told us to end.
type interruption struct{ sig unix.Signal }

func (e *interruption) Error() string { return fmt.Sprintf("got %s", unix.SignalName(e.sig)) }

// endingSignals are those that end the tracing; -I says which of them do.
func endingSignals() []os.Signal {
	return []os.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGPIPE, unix.SIGTERM}
}

// catchSignals keeps a signal that comes before all is traced from ending us, and
// what we have begun with us. They are caught, not ignored: the program would begin
// with that.
func catchSignals() chan os.Signal {
	got := make(chan os.Signal, 1)
	signal.Notify(got, endingSignals()...)
	return got
}

// watchSignals does what -I says about the signals to ourselves. The context it
// returns ends, by an *interruption, with the first that is to be heeded.
func (s *session) watchSignals(got chan os.Signal) (context.Context, func()) {
	for _, sig := range []int{int(unix.SIGTTIN), int(unix.SIGTTOU)} {
		setIgnored(sig) // what we write shall not stop us in the background
	}
	defaultSignals(s.ignored)
	switch s.o.Interruptible {
	case interruptAnywhere:
		s.ignoreAgain()
	case interruptNeverTSTP:
		signal.Ignore(unix.SIGTSTP)
		fallthrough
	case interruptNever:
		signal.Ignore(endingSignals()...)
		return context.Background(), func() {}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		if sig, ok := (<-got).(unix.Signal); ok {
			cancel(&interruption{sig})
		}
	}()
	return ctx, func() { cancel(nil) }
}

// ignoreAgain ignores those of the ending signals that were ignored when we began:
// with -I 1 the tracer ends by the others as any program does, at once and without
// a word.
func (s *session) ignoreAgain() {
	for _, sig := range endingSignals() {
		if n, ok := sig.(unix.Signal); ok && s.ignored>>(n-1)&1 != 0 {
			signal.Ignore(n)
		}
	}
}

// interrupted ends the program by the signal that ends us: strace does, so that
// a signal which only the tracer got does not leave it running unseen. A process
// that we attached to just goes on.
func (s *session) interrupted(err error) {
	var by *interruption
	if !errors.As(err, &by) {
		return
	}
	s.status = exitStatus{sig: int(by.sig)}
	if s.abrupt(err) || s.main == 0 || s.ended {
		return
	}
	_ = unix.Kill(s.main, unix.SIGCONT) // it may be gone meanwhile
	_ = unix.Kill(s.main, by.sig)
}

// abrupt says whether a signal ends us as it ends any program: what stands on the
// output then stays as it is.
func (s *session) abrupt(err error) bool {
	var by *interruption
	return s.o.Interruptible == interruptAnywhere && errors.As(err, &by)
}

// endingWay is what happens to the tasks that are left.
func (s *session) endingWay(err error) tracer.End {
	var by *interruption
	if s.alone || (s.o.Seccomp || s.o.KillOnExit) && errors.As(err, &by) {
		return tracer.KillThem
	}
	return tracer.LetGo
}
