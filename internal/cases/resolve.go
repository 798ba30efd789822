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
