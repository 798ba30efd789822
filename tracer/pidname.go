package tracer

import (
	"bytes"
	"os"
	"strconv"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// PIDDetails says what AppendPID tells of a process id.
type PIDDetails uint8

// What there is to tell of a process id.
const (
	PIDComm      PIDDetails = 1 << iota // the name of the thread or process
	PIDNamespace                        // its id in our PID namespace, if the tracee is in another one
)

// AppendPID implements [syscalls.Tracee]: it appends the comm of a thread or
// process and, behind a NUL, the id that it has in our PID namespace.
func (k *Task) AppendPID(dst []byte, kind syscalls.Kind, id int32) []byte {
	if id <= 0 {
		return dst
	}
	ours, other := k.ourID(kind, int(id))
	if ours == 0 {
		return dst
	}
	want := k.t.opt.DescribePIDs
	if want&PIDComm != 0 && (kind == syscalls.PID || kind == syscalls.TGID) {
		n := len(dst)
		dst = appendFile(dst, procPath(ours, "comm"))
		dst = dst[:min(len(dst), n+commMost)]
	}
	if want&PIDNamespace != 0 && other {
		dst = strconv.AppendInt(append(dst, 0), int64(ours), 10)
	}
	return dst
}

// commMost is how long a name is: TASK_COMM_LEN - 1, include/linux/sched.h. Those of kernel threads
// are longer in /proc.
const commMost = 15

// A pidKey is an id of a process in a PID namespace.
type pidKey struct {
	ns    uint64
	field string
	id    int
}

// pidNamesMost bounds how many ids are remembered.
const pidNamesMost = 4096

// pidField says where in /proc/PID/status the ids of a kind stand, one for each
// PID namespace from that of /proc to the innermost: pid_namespaces(7).
func pidField(kind syscalls.Kind) string {
	switch kind {
	case syscalls.TGID:
		return "NStgid"
	case syscalls.PGID:
		return "NSpgid"
	case syscalls.SID:
		return "NSsid"
	}
	return "NSpid"
}

// ourID translates an id of the task's PID namespace to ours; 0 if there is no
// process of that id. other says that the namespaces differ.
func (k *Task) ourID(kind syscalls.Kind, id int) (ours int, other bool) {
	t := k.t
	if t.pidNS == 0 {
		t.pidNS = namespaceOf("/proc/self/ns/pid")
	}
	ns := namespaceOf(procPath(k.tid, "ns/pid"))
	if ns == 0 || ns == t.pidNS {
		return id, false
	}
	depth := len(statusIDs(k.tid, "NSpid"))
	key := pidKey{ns, pidField(kind), id}
	if pid, ok := t.pids[key]; ok && hasID(pid, key, depth) {
		return statusIDs(pid, key.field)[0], true
	}
	pid := t.findID(key, depth)
	if pid == 0 {
		return 0, true
	}
	if t.pids == nil || len(t.pids) >= pidNamesMost {
		t.pids = map[pidKey]int{}
	}
	t.pids[key] = pid
	return statusIDs(pid, key.field)[0], true
}

// findID returns a task that has an id: one of those that are traced, or any.
func (t *Tracer) findID(key pidKey, depth int) int {
	for tid := range t.tasks {
		if hasID(tid, key, depth) {
			return tid
		}
	}
	for _, dir := range [...]string{"/proc", "/proc/*/task"} {
		if pid := findIn(dir, key, depth); pid != 0 {
			return pid
		}
	}
	return 0
}

// findIn looks for an id among the tasks that are folders in dir.
func findIn(dir string, key pidKey, depth int) int {
	if dir == "/proc/*/task" {
		if key.field != "NSpid" {
			return 0 // the leader has it too
		}
		for _, p := range numbersIn("/proc") {
			if pid := findIn(procPath(p, "task"), key, depth); pid != 0 {
				return pid
			}
		}
		return 0
	}
	for _, p := range numbersIn(dir) {
		if hasID(p, key, depth) {
			return p
		}
	}
	return 0
}

// numbersIn returns the numbers that are names in a folder.
func numbersIn(dir string) (list []int) {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			list = append(list, n)
		}
	}
	return list
}

// hasID reports whether a task has an id in the namespace of key, which is depth
// deep.
func hasID(tid int, key pidKey, depth int) bool {
	ids := statusIDs(tid, key.field)
	return depth > 0 && len(ids) >= depth && ids[depth-1] == key.id && inNamespace(tid, key.ns, len(ids)-depth)
}

// inNamespace reports whether a task's PID namespace is ns, or one that is up
// levels below it.
func inNamespace(tid int, ns uint64, up int) bool {
	if up == 0 {
		return namespaceOf(procPath(tid, "ns/pid")) == ns
	}
	fd, err := unix.Open(procPath(tid, "ns/pid"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	for ; err == nil && up > 0; up-- {
		parent, e := unix.IoctlRetInt(fd, unix.NS_GET_PARENT)
		unix.Close(fd)
		fd, err = parent, e
	}
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && st.Ino == ns
}

// statusIDs returns the numbers of a line of /proc/TID/status.
func statusIDs(tid int, name string) (ids []int) {
	status, err := os.ReadFile(procPath(tid, "status"))
	if err != nil {
		return nil
	}
	for _, f := range bytes.Fields(infoField(status, name)) {
		n, err := strconv.Atoi(string(f))
		if err != nil {
			return nil
		}
		ids = append(ids, n)
	}
	return ids
}

// Namespace implements [syscalls.NamespaceNamer].
func (k *Task) Namespace(id int32, kind string) uint64 {
	tid := k.tid
	if id != 0 {
		if tid, _ = k.ourID(syscalls.PID, int(id)); tid == 0 {
			return 0
		}
	}
	return namespaceOf(procPath(tid, "ns/"+kind))
}
