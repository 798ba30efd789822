package enforce

import (
	"os"
	"strconv"
	"strings"
	"time"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A landing is where a call was judged to lead that only the kernel can make: chdir,
// which changes the thread, and an open with O_PATH, whose descriptor cannot be
// given to another process (fget in SECCOMP_IOCTL_NOTIF_ADDFD takes none). The
// kernel reads the words again, so what came of it is looked at when the call is
// over: what is not what was judged is judged by itself.
type landing struct {
	file    fileID
	there   bool
	foreign bool // it leads to another mount namespace, whose names mean nothing here
}

// lands reports whether a call is one of those.
func lands(ev *syscalls.Event) bool {
	if ev.Call == nil {
		return false
	}
	switch name := ev.Call.Name; name {
	case "chdir":
		return true
	case "open":
		return ev.Args[1]&unix.O_PATH != 0
	case "openat":
		return ev.Args[2]&unix.O_PATH != 0
	}
	return false
}

// findLanding walks to where a call leads before it is judged.
func (j *judge) findLanding(ev *syscalls.Event) {
	j.landing = landing{}
	effect := &ev.Call.Effects[0]
	words, ok := wordsOf(ev, int(effect.Arg))
	if !ok || words == "" {
		return
	}
	dirfd, q := int32(unix.AT_FDCWD), want{follow: true}
	if effect.Dir >= 0 {
		dirfd = int32(ev.Arg(int(effect.Dir)))
	}
	if ev.Call.Name != "chdir" {
		q.follow = named32(ev, "flags")&unix.O_NOFOLLOW == 0
	}
	p := j.res.walk(dirfd, words, q)
	j.landing = landing{file: fileID{p.stat.Dev, p.stat.Ino}, there: p.fd >= 0, foreign: p.foreign}
	j.res.operands = append(j.res.operands[:0], operand{arg: int(effect.Arg), from: int(effect.Dir), place: p})
}

// dropLanding closes what findLanding has opened.
func (j *judge) dropLanding() {
	for i := range j.res.operands {
		j.res.operands[i].close()
	}
	j.res.operands = j.res.operands[:0]
}

// toLand has a call that is allowed, or will be, verified at its exit, or refuses it.
func (e *Enforcer) toLand(t *task, v *policy.Verdict) {
	if e.loop.landing.foreign && (runs(v.Action.Kind) || v.Action.Kind == policy.Ask) {
		v.Action, v.Rule, v.Why = foreignRefusal, nil, errForeign
		return
	}
	l := e.loop.landing
	t.landing = &l
}

// foreignRefusal is what such a way comes to.
var foreignRefusal = policy.Action{Kind: policy.Deny, Num: int(unix.EACCES)}

const errForeign = "it leads to another mount namespace, whose names are others"

// landed looks at where a call has led, and ends the process if it is not allowed to
// be there.
func (e *Enforcer) landed(s *tracer.Stop, t *task, was *landing) {
	ev := s.Event
	if ev.Errno != 0 || e.opt.Permissive {
		return
	}
	name := t.proc("cwd")
	if !isCall(ev, "chdir") {
		name = t.proc("fd/" + strconv.FormatInt(ev.Ret, 10))
	}
	j := &e.loop
	fd, err := unix.Open(name, pathOnly, 0)
	if err != nil {
		if t.alive() {
			e.strayed(s, t, policy.Pair{Effect: "fs.stat"}, policy.Verdict{Why: "what the call led to cannot be looked at: " + err.Error()})
		}
		return
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err == nil && was.there && was.file == (fileID{st.Dev, st.Ino}) {
		return
	}
	j.res.as(t.tid, t.pid)
	defer j.res.done()
	profile := j.arm(t)
	p := policy.Pair{Effect: "fs.stat", Path: j.res.nameOf(fd), Arg: -1, Dir: -1}
	p.Known = strings.HasPrefix(p.Path, "/")
	v := j.aside(profile, "chdir", p)
	switch {
	case !runs(v.Action.Kind):
	case j.res.isForeign(fd):
		v = policy.Verdict{Why: errForeign}
	default:
		return
	}
	e.strayed(s, t, p, v)
}

// strayed ends a process that a call has led elsewhere than was judged.
func (e *Enforcer) strayed(s *tracer.Stop, t *task, p policy.Pair, v policy.Verdict) {
	v.Action, v.Pair, v.Level = policy.Action{Kind: policy.Kill}, p, policy.LevelTracer
	if v.Rule == nil && v.Why == "" {
		v.Why = "it led elsewhere than was judged"
	}
	e.out.decided(t, s.Event, &v, nil, time.Now())
	s.Do(tracer.Action{Verb: tracer.Kill})
}

// alive reports whether a thread is more than a zombie.
func (t *task) alive() bool {
	b, err := os.ReadFile(t.proc("status"))
	return err == nil && !strings.Contains(string(b), "\nState:\tZ") && !strings.Contains(string(b), "\nState:\tX")
}

// isForeign reports whether what a descriptor of ours refers to is on a mount that
// neither the thread nor the supervisor has: that of another mount namespace, which
// /proc/PID/root and the like lead to. Names are made of where things are mounted,
// and there it is not known what the names of a policy mean. What has no name in any
// directory, as pipes and memfds have not, is nowhere mounted.
func (w *walker) isForeign(fd int) bool {
	var st unix.Stat_t
	name := w.nameOf(fd)
	if !strings.HasPrefix(name, "/") || strings.HasPrefix(name, "/memfd:") && unix.Fstat(fd, &st) == nil && st.Nlink == 0 {
		return false
	}
	id := mountID(fd)
	return id == "" || !hasMount(strconv.Itoa(w.tid), id) && !hasMount("self", id)
}

// mountID returns the number of the mount that a descriptor of ours is on, "" if that
// cannot be found out (proc_pid_fdinfo(5)).
func mountID(fd int) string {
	b, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if id, ok := strings.CutPrefix(line, "mnt_id:"); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

// hasMount reports whether a process has a mount (proc_pid_mountinfo(5)).
func hasMount(pid, id string) bool {
	b, err := os.ReadFile("/proc/" + pid + "/mountinfo")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		if have, _, _ := strings.Cut(line, " "); have == id {
			return true
		}
	}
	return false
}
