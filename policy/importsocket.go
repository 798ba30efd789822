package policy

import (
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/syscalls"
)

// sockets remembers what the sockets of a trace speak: an address alone does not
// tell tcp from udp.
type sockets struct {
	made    map[socketFD]string
	last    map[int32]string // of any thread: descriptors are shared and inherited
	pending map[string]string
}

type socketFD struct {
	task string
	fd   int32
}

// socketMade matches what stands behind the arguments of a call that returned a
// descriptor, and the task before it.
var (
	traceTask  = lazyregexp.New(`^\s*(?:\[pid\s+)?(\d+)\]?\s`)
	traceFD    = lazyregexp.New(`\)\s+= (\d+)`)
	socketRest = lazyregexp.New(`<\.\.\. socket resumed>.*= (\d+)`)
)

func taskOf(line string) string {
	if m := traceTask.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

// line looks at a line of a text trace: ev is the call that it begins, or nil.
func (s *sockets) line(line string, ev *syscalls.Event) {
	if ev != nil && ev.Call.Name == "socket" {
		proto := socketProto(ev)
		if m := traceFD.FindAllStringSubmatch(line, -1); m != nil {
			s.returned(taskOf(line), m[len(m)-1][1], proto)
		} else if strings.Contains(line, "<unfinished") {
			if s.pending == nil {
				s.pending = map[string]string{}
			}
			s.pending[taskOf(line)] = proto
		}
		return
	}
	if m := socketRest.FindStringSubmatch(line); m != nil {
		if proto, ok := s.pending[taskOf(line)]; ok {
			s.returned(taskOf(line), m[1], proto)
		}
	}
}

func (s *sockets) returned(task, fd, proto string) {
	n, err := strconv.ParseInt(fd, 10, 32)
	if err == nil {
		s.add(task, int32(n), proto)
	}
}

func (s *sockets) add(task string, fd int32, proto string) {
	if s.made == nil {
		s.made, s.last = map[socketFD]string{}, map[int32]string{}
	}
	s.made[socketFD{task, fd}] = proto
	s.last[fd] = proto
}

// speaks returns the protocol of the socket that a call is about, or "".
func (s *sockets) speaks(task string, ev *syscalls.Event, name string) string {
	for _, p := range [...]struct{ prefix, proto string }{{"TCP", "tcp"}, {"UDP", "udp"}, {"MPTCP", "tcp"}} {
		if strings.HasPrefix(name, p.prefix+":") || strings.HasPrefix(name, p.prefix+"v6:") {
			return p.proto
		}
	}
	fd := int32(ev.Arg(0))
	if proto, ok := s.made[socketFD{task, fd}]; ok {
		return proto
	}
	return s.last[fd]
}
