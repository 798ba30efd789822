package main

import (
	"strings"

	"strait/syscalls"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sys/unix"
)

// noTouch are the arguments, by number, that do not count for -P and --trace-fds, as
// they do not for strace.
func noTouch() map[string]uint8 {
	return map[string]uint8{
		"epoll_ctl": 1 << 0, "fanotify_mark": 1 << 0, "fsconfig": 1 << 0, "io_uring_register": 1 << 2,
		"rename": 1 << 1, "symlink": 1 << 0, "symlinkat": 1 << 0,
		"bpf": 0xff, "waitid": 0xff,
	}
}

// matches says whether a call touches one of the paths of -P or descriptors of
// --trace-fds, if any were given.
func (s *session) matches(ev *syscalls.Event) bool {
	if len(s.o.Paths) == 0 && s.o.TraceFDs == nil {
		return true
	}
	var skip uint8
	if ev.Call != nil {
		skip = s.noTouch[ev.Call.Name]
	}
	for i := 0; i < len(ev.Nodes); skip >>= 1 {
		end := int(ev.Nodes[i].End)
		if skip&1 == 0 && s.touches(ev, ev.Nodes[i:end], i) {
			return true
		}
		i = end
	}
	return false
}

// touches says whether an argument does, whose nodes are from the first-th on.
func (s *session) touches(ev *syscalls.Event, nodes []syscalls.Node, first int) bool {
	for i := 0; i < len(nodes); i++ {
		n := &nodes[i]
		switch {
		case n.Name == "cmsg_data": // descriptors on their way do not count
			i = int(n.End) - first - 1
		case n.Kind == syscalls.FD, n.Kind == syscalls.DirFD && int32(n.Val) != unix.AT_FDCWD:
			if fd := int32(n.Val); fd >= 0 && s.o.TraceFDs != nil && s.o.TraceFDs.has(int(fd)) {
				return true
			}
			if n.Flags&syscalls.HasFD != 0 && s.path(string(ev.Bytes(n))) {
				return true
			}
		case n.Kind == syscalls.Str:
			if n.Flags&syscalls.IsPath != 0 && s.path(string(ev.Bytes(n))) {
				return true
			}
		}
	}
	return false
}

func (s *session) path(p string) bool {
	p, _, _ = strings.Cut(p, "\x00") // details of a descriptor
	for i := range s.o.Paths {
		t := &s.o.Paths[i]
		if p == t.Path || t.Resolved != "" && p == t.Resolved || t.Glob && doublestar.MatchUnvalidated(t.Path, p) {
			return true
		}
	}
	return false
}

// isGlob says whether a path is a pattern in which *, **, ?, [] and {} stand for others.
func isGlob(path string) bool {
	return strings.ContainsAny(path, "*?[{") && doublestar.ValidatePattern(path)
}
