package enforce

import (
	"slices"
	"strconv"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// An operation performs a call for the program.
type operation struct {
	do     func(*worker)
	parent bool // it is about a name in a directory, not about what is there
	null   bool // a null path is the descriptor itself
	net    bool // it is about addresses of sockets, not about files
	native bool // it reads or writes structures, in the layout of the machine's own ABI
	// follow overrides what policy says about a link at the end; nil: see follows.
	follow func(ev *syscalls.Event, arg int) bool
}

// operationNames are the calls that can be performed: the filter sends them here.
func (e *Enforcer) operationNames() []string {
	var out []string
	for name := range e.operations {
		out = append(out, name)
	}
	return out
}

// Performed returns the names of the calls that are performed where words in memory
// decide, on kernels that can notify.
func Performed() []string {
	e := Enforcer{operations: makeOperations()}
	out := e.operationNames()
	slices.Sort(out)
	return out
}

// operationOf returns how a call is performed, nil if it is not.
func (e *Enforcer) operationOf(ev *syscalls.Event) *operation {
	op := e.operations[ev.Call.Name]
	if op == nil || op.native && ev.ABI.Name != nativeName {
		return nil
	}
	return op
}

// want says how to walk to the path in an argument.
func (op *operation) want(w *worker, arg int) want {
	q := want{parent: op.parent, name: op.parent, follow: true}
	if e := w.ev.Call.Effects; (e[0].Name == "fs.read" || e[0].Name == "fs.stat") && arg == int(e[0].Arg) { // the old name of a link
		q.name = false
	}
	if op.follow != nil {
		q.follow = op.follow(&w.ev, arg)
	}
	if isOpening(w.ev.Call.Name) {
		o := w.opening()
		q.follow, q.parent, q.resolve = o.follow(), o.flags&unix.O_CREAT != 0, o.resolve
	}
	return q
}

// empty reports whether an empty path is the descriptor itself.
func (op *operation) empty(ev *syscalls.Event) bool {
	return named32(ev, "flags", "at_flags")&unix.AT_EMPTY_PATH != 0 || ev.Call.Name == "readlinkat"
}

// named32 returns the first argument that has one of some names, 0 if there is none.
func named32(ev *syscalls.Event, names ...string) uint32 {
	for i := range ev.Call.Args {
		for _, n := range names {
			if ev.Call.Args[i].Name == n {
				return uint32(ev.Arg(i))
			}
		}
	}
	return 0
}

func never(*syscalls.Event, int) bool { return false }

// unlessNoFollow follows unless AT_SYMLINK_NOFOLLOW is among the flags.
func unlessNoFollow(ev *syscalls.Event, _ int) bool {
	return named32(ev, "flags", "at_flags")&unix.AT_SYMLINK_NOFOLLOW == 0
}

// self is the path of a descriptor of ours. It leads to the very object, whatever
// that is called by now.
func self(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// at returns what the path in an argument named. If it named nothing that the call
// can be about, the call is answered, and ok is false.
func (w *worker) at(arg int) (p *place, ok bool) {
	o := w.res.known(arg)
	switch {
	case o == nil:
		w.refuse(unix.ENOSYS)
		return nil, false
	case o.fd < 0:
		w.refuse(o.err)
		return nil, false
	}
	return &o.place, true
}

// in returns the directory and the name that the path in an argument named, whether
// something is there or not.
func (w *worker) in(arg int) (p *place, ok bool) {
	o := w.res.known(arg)
	switch {
	case o == nil:
		w.refuse(unix.ENOSYS)
		return nil, false
	case o.dir < 0 && o.fd < 0:
		w.refuse(o.err)
		return nil, false
	case o.dir < 0: // "/", "." and the like
		return &o.place, true
	}
	return &o.place, true
}

// leaf is the last name of a place, with the slash that was at its end: the kernel
// minds it.
func (p *place) leaf() string {
	if p.must && p.name != "" {
		return p.name + "/"
	}
	return p.name
}

// followsLink says what linkat follows: nothing, unless it is asked to at the old
// name.
func followsLink(ev *syscalls.Event, arg int) bool {
	return ev.Call.Name == "linkat" && arg == int(ev.Call.Effects[0].Arg) && named32(ev, "flags")&unix.AT_SYMLINK_FOLLOW != 0
}
