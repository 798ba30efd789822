package enforce

import (
	"os"
	"strconv"
	"strings"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// A resolver names what the words of a call are about, as the thread that made the
// call sees it. It implements [policy.Resolver].
type resolver struct {
	walker
	operands []operand // what was walked to already
}

// known returns where the path in an argument leads, if that was walked already.
func (r *resolver) known(arg int) *operand {
	for i := range r.operands {
		if r.operands[i].arg == arg {
			return &r.operands[i]
		}
	}
	return nil
}

// Resolve implements [policy.Resolver].
func (r *resolver) Resolve(ev *syscalls.Event, p *policy.Pair) {
	switch {
	case strings.HasPrefix(p.Effect, "fs.") || p.Effect == "exec":
		r.path(ev, p)
	case strings.HasPrefix(p.Effect, "net."):
		r.address(ev, p)
	case p.Effect == "signal" || p.Effect == "process.control":
		r.process(ev, p)
	}
}

func (r *resolver) path(ev *syscalls.Event, p *policy.Pair) {
	if o := r.known(p.Arg); o != nil {
		p.Path, p.Known = o.path, p.Known && strings.HasPrefix(o.path, "/")
		return
	}
	if !p.Known {
		return
	}
	words, ok := wordsOf(ev, p.Arg)
	if !ok || words == "" { // it is a descriptor's
		r.descriptor(ev, p, ok)
		return
	}
	dirfd := int32(unix.AT_FDCWD)
	if p.Dir >= 0 {
		dirfd = int32(ev.Arg(p.Dir))
	}
	at := r.walk(dirfd, words, want{follow: p.Follow})
	p.Path, p.Known = at.path, strings.HasPrefix(at.path, "/")
	at.close()
}

// descriptor names what a descriptor refers to. What has no name in any directory,
// a pipe or a socket, is called by the descriptor.
func (r *resolver) descriptor(ev *syscalls.Event, p *policy.Pair, empty bool) {
	p.Path = r.ownName(strings.TrimSuffix(p.Path, " (deleted)"))
	if strings.HasPrefix(p.Path, "/") {
		return
	}
	arg := p.Arg
	if empty {
		arg = p.Dir
	}
	if arg < 0 {
		p.Known = false
		return
	}
	p.Path = "/proc/self/fd/" + strconv.Itoa(int(int32(ev.Arg(arg))))
}

// address completes an address: the protocol is the socket's, a path of a Unix
// domain socket is resolved.
func (r *resolver) address(ev *syscalls.Event, p *policy.Pair) {
	switch {
	case ev.Call.Name == "socketcall":
		r.socketcall(ev, p)
	case !p.Known || p.Effect == "net.socket":
	case p.Addr.Proto == noFamily && p.Effect != "net.connect":
		// Sockets of inet take it for theirs, but connect (see netCall.readAddress).
		if d := r.domain(int32(ev.Arg(0))); d != unix.AF_UNIX && d != unix.AF_INET6 {
			p.Addr.Proto, p.Known = "ip", false
		}
	case p.Addr.Proto == "ip":
		p.Addr.Proto = r.protocol(int32(ev.Arg(0)))
	case p.Addr.Proto == "unix" && p.Addr.Path != "" && p.Addr.Path[0] != '@':
		at := r.walk(unix.AT_FDCWD, p.Addr.Path, want{follow: p.Effect != "net.bind"})
		p.Addr.Path, p.Known = at.path, at.path != ""
		at.close()
	}
}

// socketcall reads the address of a call within socketcall: as all that is only
// checked, it can be another one when the kernel reads it.
func (r *resolver) socketcall(ev *syscalls.Event, p *policy.Pair) {
	args, ok := policy.Socketcall(ev)
	at := 1
	if len(args) == 6 { // sendto
		at = 4
	}
	if p.Known || !ok || len(args) < at+2 || args[at+1] > addressMost || len(args) == 3 && ev.Arg(0) == sysSendmsg {
		return
	}
	m := message{name: make([]byte, args[at+1])}
	mem := snapshot{tid: r.tid}
	if mem.ReadMemory(args[at], m.name) != len(m.name) {
		return
	}
	fd, err := r.borrow(int32(args[0]))
	if err != nil {
		return
	}
	defer unix.Close(fd)
	c := netCall{fd: fd, proto: socketProtocol(fd)}
	c.domain, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	c.typ, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return
	}
	c.readAddress(&m, p.Effect)
	p.Addr, p.Known = m.addr, m.known
	if words := c.path(&m); words != "" {
		at := r.walk(unix.AT_FDCWD, words, want{follow: p.Effect != "net.bind"})
		p.Addr.Path, p.Known = at.path, at.path != ""
		at.close()
	}
}

// sysSendmsg is the number of sendmsg within socketcall (include/uapi/linux/net.h).
const sysSendmsg = 16

// noFamily is what an address of AF_UNSPEC is called.
const noFamily = "family-0"

// protocol asks a socket of the thread what it speaks; ip when nobody knows.
func (r *resolver) protocol(fd int32) string {
	sock, err := r.borrow(fd)
	if err != nil {
		return "ip"
	}
	defer unix.Close(sock)
	return socketProtocol(sock)
}

// domain asks a socket of the thread for its family; -1 when nobody knows.
func (r *resolver) domain(fd int32) int {
	sock, err := r.borrow(fd)
	if err != nil {
		return -1
	}
	defer unix.Close(sock)
	n, err := unix.GetsockoptInt(sock, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return -1
	}
	return n
}

// borrow duplicates a descriptor of the thread.
func (r *resolver) borrow(fd int32) (int, error) {
	pidfd, err := unix.PidfdOpen(r.tid, pidfdThread)
	if err == unix.EINVAL { // before Linux 6.9
		pidfd, err = unix.PidfdOpen(r.pid, 0)
	}
	if err != nil {
		return -1, err
	}
	defer unix.Close(pidfd)
	return unix.PidfdGetfd(pidfd, int(fd), 0)
}

// pidfdThread is PIDFD_THREAD (include/uapi/linux/pidfd.h).
const pidfdThread = unix.O_EXCL

// process finds out which process a call is about.
func (r *resolver) process(ev *syscalls.Event, p *policy.Pair) {
	if p.Arg >= 0 && ev.ABI.ArgKind(ev.Call, p.Arg) == syscalls.FD {
		p.PID, p.Known = r.pidOf(int32(ev.Arg(p.Arg)))
		p.Self = p.PID == r.pid
		return
	}
	if !p.Known || p.Self || p.PID <= 0 {
		return
	}
	// In a pid namespace of its own the program calls itself otherwise.
	pid, tid := r.ids()
	id := strconv.Itoa(p.PID)
	p.Self = id == pid || ev.Call.Name == "tkill" && id == tid
}

// pidOf returns the process of a pidfd of the thread.
func (r *resolver) pidOf(fd int32) (int, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(r.tid) + "/fdinfo/" + strconv.Itoa(int(fd)))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && k == "Pid" {
			pid, err := strconv.Atoi(strings.TrimSpace(v))
			return pid, err == nil && pid > 0
		}
	}
	return 0, false
}
