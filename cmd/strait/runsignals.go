package main

import (
	"os"
	"os/signal"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// relaySignals passes on to the program what is sent to us, until stop is
// called. What the terminal sends to its foreground process group the program
// gets by itself, if it is in our group.
func relaySignals(p *forkexec.Process, ownGroup bool) (stop func()) {
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sig := range ch {
			s, ok := sig.(unix.Signal)
			if !ok || (s == unix.SIGINT || s == unix.SIGQUIT) && !ownGroup && inForeground() {
				continue
			}
			_ = p.Signal(s) // it may have ended
		}
	}()
	return func() {
		signal.Stop(ch)
		close(ch)
		<-done
	}
}

// inForeground says whether our process group is the one that the keys of a
// terminal reach.
func inForeground() bool {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
