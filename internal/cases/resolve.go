package cases

import (
	"path/filepath"
	"strconv"
	"strings"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A resolver finds what the words of a call name, from where its task stands. With
// follow it goes through symbolic links. It is for looking on, not for deciding
// what may happen: for that there is strait/policy/enforce.
type resolver struct {
	task   *tracer.Task
	follow bool
}

// Resolve implements policy.Resolver.
func (r *resolver) Resolve(ev *syscalls.Event, p *policy.Pair) {
	if p.PID != 0 && p.PID == r.task.PID() {
		p.Self = true
	}
	if p.Addr.Proto == "ip" && p.Effect != "net.socket" {
		p.Addr.Proto = r.protocol(int32(ev.Arg(0)))
	}
	w := policy.Words{CWD: string(r.task.AppendFD(nil, unix.AT_FDCWD))}
	w.Resolve(ev, p)
	if r.follow && p.Known && strings.HasPrefix(p.Path, "/") {
		p.Path = r.real(p.Path, p.Follow)
	}
}

// real goes through the symbolic links of a path, if the task has our root.
func (r *resolver) real(path string, last bool) string {
	root, err := filepath.EvalSymlinks("/proc/" + strconv.Itoa(r.task.TID()) + "/root")
	if err != nil || root != "/" {
		return path
	}
	self := "/proc/" + strconv.Itoa(r.task.PID())
	if rest, ok := strings.CutPrefix(path, "/proc/self"); ok && (rest == "" || rest[0] == '/') {
		if strings.HasPrefix(rest, "/fd/") || rest == "/exe" {
			return path // magic links lead to objects, not to names
		}
		path = self + rest
	}
	if last {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return strings.Replace(real, self, "/proc/self", 1)
		}
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path
	}
	return strings.Replace(filepath.Join(dir, filepath.Base(path)), self, "/proc/self", 1)
}

// protocol is what a socket of the task speaks; ip where it cannot be asked.
func (r *resolver) protocol(fd int32) string {
	pidfd, err := unix.PidfdOpen(r.task.PID(), 0)
	if err != nil {
		return "ip"
	}
	defer unix.Close(pidfd)
	sock, err := unix.PidfdGetfd(pidfd, int(fd), 0)
	if err != nil {
		return "ip"
	}
	defer unix.Close(sock)
	switch typ, err := unix.GetsockoptInt(sock, unix.SOL_SOCKET, unix.SO_TYPE); {
	case err != nil:
	case typ == unix.SOCK_STREAM:
		return "tcp"
	case typ == unix.SOCK_DGRAM:
		return "udp"
	}
	return "ip"
}
