package golden

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"strait/internal/notation"
)

// An fdTable says what the descriptors of a process are: what stands behind
// numbers, which traces without -y do not tell, and which sockets lead where,
// which no trace tells.
type fdTable map[int]string

var standard = [...]string{"stdin", "stdout", "stderr"}

func (f fdTable) clone() fdTable { return maps.Clone(f) }

// describe says what a descriptor is.
func (f fdTable) describe(fd int, called string, n *namer) string {
	known := f[fd]
	switch {
	case known == "" && 0 <= fd && fd < 3: // what the program got, whatever that is
		return standard[fd]
	case slices.Contains(standard[:], known): // a copy of that
		return known
	case strings.HasPrefix(called, "/"):
		return n.name(called)
	case strings.HasPrefix(known, pipeMark):
		return "pipe"
	case known != "":
		return known
	case strings.HasPrefix(called, "pipe:"):
		return "pipe"
	case strings.HasPrefix(called, "anon_inode:"):
		return strings.Trim(called[len("anon_inode:"):], "[]")
	case called != "":
		kind, _, _ := strings.Cut(called, ":")
		return strings.ToLower(kind)
	}
	return "fd"
}

// follow keeps the table up to date with a call that has returned.
func (f fdTable) follow(t *task, e *Step, b *builder) {
	if e.Errno != "" || !e.Returned() {
		return
	}
	arg := func(i int) (int, bool) {
		if i >= len(e.Args) {
			return 0, false
		}
		fd, _, ok := descriptor(e.Args[i])
		return fd, ok
	}
	ret, _, isFD := descriptor(e.Ret + angle(e.Note))
	first, has := arg(0)
	switch e.Name {
	case "close":
		delete(f, first)
	case "close_range":
		f.closeRange(e)
	case "dup", "dup2", "dup3", "fcntl", "fcntl64":
		if has && isFD && (e.Name[0] == 'd' || strings.HasPrefix(e.Args[1], "F_DUPFD")) {
			f.copy(ret, first)
			f.setOnExec(ret, strings.Contains(strings.Join(e.Args[1:], " "), "CLOEXEC"))
		} else if has && len(e.Args) > 2 && e.Args[1] == "F_SETFD" {
			f.setOnExec(first, strings.Contains(e.Args[2], "FD_CLOEXEC"))
		}
	case "pipe", "pipe2", "socketpair":
		f.pair(e, b)
	case "socket":
		f[ret] = socketKind(e.Args)
	case "accept", "accept4":
		f[ret] = strings.TrimSuffix(f[first], " listening") + " accepted"
	case "connect":
		if to := b.address(t, e); to != "" {
			f[first] = to
		}
	case "listen":
		f[first] += " listening"
	default:
		if isFD {
			f.made(ret, e, b)
		}
	}
}

// made notes the descriptor that an open or the like returned.
func (f fdTable) made(fd int, e *Step, b *builder) {
	switch e.Name {
	case "open", "openat", "openat2", "creat":
		f[fd] = b.names.name(b.absolute(e))
	case "epoll_create", "epoll_create1", "eventfd", "eventfd2", "timerfd_create", "signalfd", "signalfd4",
		"inotify_init", "inotify_init1", "memfd_create", "pidfd_open", "perf_event_open", "io_uring_setup", "userfaultfd":
		f[fd] = strings.TrimSuffix(strings.TrimRight(e.Name, "1234"), "_create")
		f[fd] = strings.TrimSuffix(strings.TrimSuffix(f[fd], "_init"), "_open")
	}
}

func (f fdTable) copy(to, from int) {
	if what, ok := f[from]; ok {
		f[to] = what
	} else if from >= 0 && from < 3 {
		f[to] = standard[from]
	} else {
		delete(f, to)
	}
}

// pair notes what pipe and socketpair made: [3<pipe:[1]>, 4<pipe:[1]>].
func (f fdTable) pair(e *Step, b *builder) {
	var ends []int
	for _, a := range e.Args {
		inner, ok := strings.CutPrefix(a, "[")
		if !ok {
			continue
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(inner, "]"), ", ") {
			if fd, _, ok := descriptor(part); ok {
				ends = append(ends, fd)
			}
		}
	}
	if e.Name != "socketpair" {
		b.newPipe(f, ends, e.Args[len(e.Args)-1])
		return
	}
	for _, fd := range ends {
		f[fd] = "socketpair"
	}
}

// closeRange is close_range(2).
func (f fdTable) closeRange(e *Step) {
	if len(e.Args) < 3 {
		return
	}
	from, err := strconv.ParseUint(e.Args[0], 0, 32)
	to, err2 := strconv.ParseUint(e.Args[1], 0, 32)
	if err != nil || err2 != nil {
		return
	}
	for fd := range f {
		switch {
		case fd < int(from) || uint64(fd) > to: //nolint:gosec // 32 bits
		case strings.Contains(e.Args[2], "CLOSE_RANGE_CLOEXEC"):
			f.setOnExec(fd, true)
		default:
			delete(f, fd)
		}
	}
}

// socketKind says what socket(2) makes: tcp, udp6, unix, netlink.
func socketKind(args []string) string {
	if len(args) < 2 {
		return "socket"
	}
	family := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(args[0], "AF_"), "PF_"))
	stream := strings.Contains(args[1], "SOCK_STREAM")
	dgram := strings.Contains(args[1], "SOCK_DGRAM")
	switch {
	case strings.HasPrefix(family, "inet") && stream:
		return "tcp" + family[len("inet"):]
	case strings.HasPrefix(family, "inet") && dgram:
		return "udp" + family[len("inet"):]
	}
	return family
}

// angle is what a result is called, of the note behind it.
func angle(note string) string {
	if strings.HasPrefix(note, "<") {
		if n := notation.AngleEnd("0"+note, 1); n > 0 {
			return note[:n]
		}
	}
	return ""
}

// fdWords are names of arguments that are descriptors.
func isFDName(s string) bool {
	switch s {
	case "fd", "dirfd", "olddirfd", "newdirfd", "oldfd", "newfd", "sockfd", "epfd", "in_fd", "out_fd", "fd_in", "fd_out",
		"fdin", "fdout", "pidfd", "mqdes", "fanotify_fd", "from_dfd", "to_dfd", "dfd", "fs_fd", "from_dirfd", "to_dirfd", "group_fd":
		return true
	}
	return false
}

func isNumber(s string) bool {
	_, err := strconv.ParseInt(s, 0, 64)
	return err == nil
}
