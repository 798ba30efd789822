package tracer

import (
	"bytes"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// fdNames remembers what the descriptors of a process are links to in /proc: a
// readlink there costs as much as half a stop. What it has of a descriptor is
// void once a call of the process may have made that another one; and all that
// all processes have is void once a call may have changed where paths lead or
// what open files are called, or has waited, in which time somebody else might
// have done so, or when it is old: others do not tell us. While such calls are
// under way nothing is remembered or believed.
//
// It is for processes all of whose calls come here. Those that share descriptors
// with another process, or use io_uring, do without.
type fdNames struct {
	slots [fdSlots]fdName // at the descriptor modulo fdSlots
	busy  int             // calls under way that change descriptors
	never bool
}

type fdName struct {
	fd    int32
	epoch uint64 // 0: nothing is here
	link  []byte
}

const (
	fdSlots = 32
	fdAge   = 5_000_000 // ns
	allFDs  = -1
)

// An epoch is the time in which no names changed.
type epoch struct {
	now   uint64
	since int64 // the monotonic clock
	busy  int   // calls under way that may change names
	age   int64 // ns that names are believed
	long  int64 // ns after which a call has waited
}

func (e *epoch) next(mono int64) {
	e.now++
	e.since = mono
}

// remembers says whether the names of a process's descriptors are remembered.
func (k *Task) remembers() bool {
	t := k.t
	return t.opt.FollowForks && !t.opt.Filter && k.proc.started && !k.proc.fds.never &&
		k.alone(k.proc.fds.busy, k.closing) && k.alone(t.epoch.busy, k.moving)
}

// alone says that of calls under way there is none, or only the task's own, which
// is at its entry.
func (k *Task) alone(busy int, own bool) bool {
	return busy == 0 || busy == 1 && own && !k.call.Returned
}

// link returns what is remembered of a descriptor, nil for nothing.
func (k *Task) link(fd int32) []byte {
	if !k.remembers() {
		return nil
	}
	e := &k.t.epoch
	if k.t.mono-e.since > e.age {
		e.next(k.t.mono)
	}
	if s := k.proc.fds.slot(fd); s.fd == fd && s.epoch == e.now {
		return s.link
	}
	return nil
}

// keepLink remembers it.
func (k *Task) keepLink(fd int32, link []byte) {
	if k.remembers() {
		s := k.proc.fds.slot(fd)
		s.fd, s.epoch, s.link = fd, k.t.epoch.now, append(s.link[:0], link...)
	}
}

func (f *fdNames) slot(fd int32) *fdName { return &f.slots[uint32(fd)%fdSlots] }

func (f *fdNames) drop(fd int32) {
	if fd == allFDs {
		f.forget()
	}
	if s := f.slot(fd); s.fd == fd {
		s.epoch = 0
	}
}

var terminals = []byte("/dev/pt")

// touch notes a call that changes descriptors or names.
func (k *Task) touch(e effect, ev *syscalls.Event) {
	f := &k.proc.fds
	const thread, shares = unix.CLONE_THREAD, unix.CLONE_FILES | unix.CLONE_FS
	switch e {
	case effClose:
		k.changing = int32(ev.Args[0])
	case effDup:
		k.changing = int32(ev.Args[1])
	case effCloseAll:
		k.changing = allFDs
		f.never = f.never || ev.Args[2]&unix.CLOSE_RANGE_UNSHARE != 0 && k.proc.tasks > 1
	case effOpaque:
		f.never = true
		return
	case effClone, effClone3:
		flags := k.cloneFlags(e, ev)
		if flags&(thread|shares) != 0 && flags&(thread|shares) != thread|shares {
			f.never = true // and the child's: see inherit
		}
		return
	case effMove:
		k.moving = true
		k.t.epoch.busy++
		return
	default:
		return
	}
	k.closing = true
	f.busy++
}

// untouch notes that it is over.
func (k *Task) untouch() {
	if k.closing {
		k.closing = false
		k.proc.fds.busy--
		if s := k.proc.fds.slot(k.changing); s.fd == k.changing && bytes.HasPrefix(s.link, terminals) {
			k.t.epoch.next(k.t.mono) // the last close of a master renames the slave
		}
		k.proc.fds.drop(k.changing)
	}
	if k.moving {
		k.moving = false
		k.t.epoch.busy--
		k.t.epoch.next(k.t.mono)
	}
}

// forget drops all that is remembered, for a new program.
func (f *fdNames) forget() {
	for i := range f.slots {
		f.slots[i].epoch = 0
	}
}
