package enforce

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"strait/policy"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// netPolicy allows all but some addresses.
func netPolicy(t testing.TB, dir string) *policy.Policy {
	t.Helper()
	return broad(t, dir, "deny(EACCES) net.connect net.bind net.send unix "+dir+"/secret/** @strait-secret tcp 127.0.0.1:1 [::1]:1 udp 127.0.0.1:1 [::1]:1")
}

// TestSameSockets: what is performed on sockets has the same outcome as what the
// program does itself.
func TestSameSockets(t *testing.T) {
	parent := tree(t)
	dir := filepath.Join(parent, "work")
	c := program(t, "samenet", dir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	native := exec.Command(c.Path, c.Args[1:]...)
	native.Env = c.Env
	want, err := native.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(want))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	got := under(t, Options{Policy: netPolicy(t, parent), AuditAll: true}, c)
	if got.status != 0 {
		t.Fatal(&got)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got.out, "\n")
	if d := cmp.Diff(w, g); d != "" {
		t.Errorf("without strait -, with it +:\n%s", d)
	}
	performed := map[string]int{}
	for _, r := range got.records {
		if r.By == "performed" {
			performed[r.Call]++
		}
	}
	for _, call := range []string{"connect", "bind", "sendto", "sendmsg", "sendmmsg"} {
		if notifications() && performed[call] < 3 {
			t.Errorf("%s was performed %d times", call, performed[call])
		}
	}
}

type sameNet struct{ same }

func sameNetProgram(args []string) {
	if err := os.Chdir(args[0]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	unix.Umask(0o27)
	s := sameNet{}
	s.names(args[0])
	s.streams()
	s.datagrams()
	s.inet()
	s.netlink()
	s.words()
	s.waiting()
}

func (s *sameNet) socket(domain, typ int) int {
	fd, err := unix.Socket(domain, typ|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		s.say(err, "socket %d %d", domain, typ)
	}
	return fd
}

// names binds to all kinds of names.
func (s *sameNet) names(dir string) {
	os.MkdirAll("dir/sub", 0o755)
	os.Symlink("dir", "dirlink")
	os.Symlink("nowhere", "dangling")
	os.WriteFile("file", nil, 0o644)
	names := []string{
		"a", "./b", "dir/c", "dirlink/d", dir + "/e", "dir/../f", "nodir/x", "file", "file/x", "dangling", "dir", "dir/", ".",
		strings.Repeat("x", 107), strings.Repeat("x", 108), "@strait-same", "",
	}
	for _, n := range names {
		fd := s.socket(unix.AF_UNIX, unix.SOCK_STREAM)
		s.say(unix.Bind(fd, &unix.SockaddrUnix{Name: n}), "bind %q", strings.TrimPrefix(n, dir))
		if sa, err := unix.Getsockname(fd); err == nil && n != "" {
			s.say(nil, "  is called %q", strings.TrimPrefix(sa.(*unix.SockaddrUnix).Name, dir))
		}
		s.say(unix.Bind(fd, &unix.SockaddrUnix{Name: "again"}), "  bind it again")
		s.say(unix.Connect(fd, &unix.SockaddrUnix{Name: n}), "  connect it to itself")
		s.look(n)
		unix.Close(fd)
		os.Remove("again")
	}
}

// streams connects, and looks at what each side sees of the other.
func (s *sameNet) streams() {
	l := s.socket(unix.AF_UNIX, unix.SOCK_STREAM)
	s.say(unix.Bind(l, &unix.SockaddrUnix{Name: "dir/listener"}), "bind")
	s.say(unix.Listen(l, 5), "listen")
	os.Symlink("dir/listener", "tolistener")
	for _, n := range []string{"dir/listener", "dirlink/listener", "tolistener", "file", "nothing", "dir", "dangling", "@nobody", "file/x", ""} {
		for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET, unix.SOCK_STREAM | unix.SOCK_NONBLOCK} {
			fd := s.socket(unix.AF_UNIX, typ)
			err := unix.Connect(fd, &unix.SockaddrUnix{Name: n})
			s.say(err, "connect %o to %q", typ, n)
			if err == nil {
				s.peers(l, fd)
			}
			unix.Close(fd)
		}
	}
	unix.Close(l)
	fd := s.socket(unix.AF_UNIX, unix.SOCK_STREAM)
	s.say(unix.Connect(fd, &unix.SockaddrUnix{Name: "dir/listener"}), "connect to who is gone")
	unix.Close(fd)
}

func (s *sameNet) peers(l, fd int) {
	a, _, err := unix.Accept(l)
	s.say(err, "  accept")
	cred, err := unix.GetsockoptUcred(a, unix.SOL_SOCKET, unix.SO_PEERCRED)
	s.say(err, "  peer %v %v", cred.Uid == uint32(os.Geteuid()), cred.Gid == uint32(os.Getegid()))
	sa, err := unix.Getpeername(fd)
	s.say(err, "  peer's name %v", sa)
	s.say(unix.Connect(fd, &unix.SockaddrUnix{Name: "dir/listener"}), "  connect again")
	s.say(unix.Sendto(fd, []byte("x"), 0, &unix.SockaddrUnix{Name: "dir/listener"}), "  sendto")
	n, err := unix.SendmsgN(fd, []byte("hello"), nil, nil, 0)
	s.say(err, "  sendmsg %d", n)
	b := make([]byte, 10)
	n, err = unix.Read(a, b)
	s.say(err, "  read %q", b[:max(n, 0)])
	unix.Close(a)
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, unix.SIGPIPE)
	_, err = unix.SendmsgN(fd, []byte("hello"), nil, nil, 0)
	s.say(err, "  sendmsg to who is gone, %v", <-pipe)
	signal.Stop(pipe)
}

func (s *sameNet) datagrams() {
	r := s.socket(unix.AF_UNIX, unix.SOCK_DGRAM)
	s.say(unix.Bind(r, &unix.SockaddrUnix{Name: "receiver"}), "bind")
	s.say(unix.SetsockoptInt(r, unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "SO_PASSCRED")
	fd := s.socket(unix.AF_UNIX, unix.SOCK_DGRAM)
	s.say(unix.Bind(fd, &unix.SockaddrUnix{Name: "dir/sender"}), "bind")
	file, _ := os.Open("file")
	defer file.Close()
	for _, n := range []string{"receiver", "./receiver", "nothing", "dir", "file"} {
		to := &unix.SockaddrUnix{Name: n}
		s.say(unix.Sendto(fd, []byte("one"), 0, to), "sendto %q", n)
		k, err := unix.SendmsgN(fd, []byte("two"), unix.UnixRights(int(file.Fd())), to, 0)
		s.say(err, "sendmsg %q %d", n, k)
		cred := unix.UnixCredentials(&unix.Ucred{Pid: int32(os.Getpid()), Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())})
		k, err = unix.SendmsgN(fd, []byte("three"), cred, to, 0)
		s.say(err, "sendmsg as itself %q %d", n, k)
		s.say(s.many(fd, n), "sendmmsg %q", n)
	}
	_, err := unix.SendmsgN(fd, []byte("x"), unix.UnixRights(77), &unix.SockaddrUnix{Name: "receiver"}, 0)
	s.say(err, "sendmsg of a bad descriptor")
	_, err = unix.SendmsgN(fd, make([]byte, 1<<20), nil, &unix.SockaddrUnix{Name: "receiver"}, 0)
	s.say(err, "sendmsg of too much")
	for {
		b, oob := make([]byte, 64), make([]byte, 256)
		n, k, _, from, err := unix.Recvmsg(r, b, oob, unix.MSG_DONTWAIT)
		if err != nil {
			s.say(err, "recvmsg")
			break
		}
		s.received(b[:n], oob[:k], from)
	}
	unix.Close(r)
	unix.Close(fd)
}

func (s *sameNet) received(b, oob []byte, from unix.Sockaddr) {
	what := ""
	msgs, _ := unix.ParseSocketControlMessage(oob)
	for i := range msgs {
		if fds, err := unix.ParseUnixRights(&msgs[i]); err == nil {
			what += fmt.Sprintf(" %d descriptors", len(fds))
			unix.Close(fds[0])
		}
		if c, err := unix.ParseUnixCredentials(&msgs[i]); err == nil {
			what += fmt.Sprintf(" user %v group %v", c.Uid == uint32(os.Getuid()), c.Gid == uint32(os.Getgid()))
		}
	}
	s.say(nil, "received %q%s from %v", b, what, from)
}

// many sends two messages by sendmmsg.
func (s *sameNet) many(fd int, name string) error {
	sa := unixAddress(name)
	texts := [2][]byte{[]byte("four"), []byte("fives")}
	var iov [2]unix.Iovec
	var vec [2]struct {
		hdr unix.Msghdr
		len uint32
		_   uint32
	}
	for i := range vec {
		iov[i].Base = &texts[i][0]
		iov[i].SetLen(len(texts[i]))
		vec[i].hdr = unix.Msghdr{Name: &sa[0], Namelen: uint32(len(sa)), Iov: &iov[i]}
		vec[i].hdr.SetIovlen(1)
	}
	n, _, e := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&vec)), 2, 0, 0, 0)
	s.say(nil, "  %d sent: %d %d", int(n), vec[0].len, vec[1].len)
	runtime.KeepAlive(&texts)
	if e != 0 {
		return e
	}
	return nil
}

func (s *sameNet) inet() {
	for _, host := range []unix.Sockaddr{
		&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, &unix.SockaddrInet4{},
		&unix.SockaddrInet6{Addr: [16]byte{15: 1}}, &unix.SockaddrInet6{},
	} {
		domain := unix.AF_INET
		if _, six := host.(*unix.SockaddrInet6); six {
			domain = unix.AF_INET6
		}
		l := s.socket(domain, unix.SOCK_STREAM)
		s.say(unix.Bind(l, host), "bind %v", host)
		s.say(unix.Listen(l, 4), "listen")
		there, err := unix.Getsockname(l)
		if err != nil {
			continue
		}
		fd := s.socket(domain, unix.SOCK_STREAM)
		s.say(unix.Connect(fd, there), "connect")
		a, _, err := unix.Accept(l)
		s.say(err, "accept")
		s.say(unix.Sendto(fd, make([]byte, 100000), 0, there), "sendto")
		got := 0
		for b := make([]byte, 65536); got < 100000; {
			n, err := unix.Read(a, b)
			if err != nil || n == 0 {
				break
			}
			got += n
		}
		s.say(nil, "  %d bytes arrived", got)
		unix.Close(a)
		unix.Close(l)
		unix.Close(fd)
		fd = s.socket(domain, unix.SOCK_STREAM)
		s.say(unix.Connect(fd, there), "connect to who is gone")
		unix.Close(fd)
		s.udp(domain, host)
	}
}

func (s *sameNet) udp(domain int, host unix.Sockaddr) {
	l := s.socket(domain, unix.SOCK_DGRAM)
	s.say(unix.Bind(l, host), "bind")
	there, _ := unix.Getsockname(l)
	fd := s.socket(domain, unix.SOCK_DGRAM)
	s.say(unix.Sendto(fd, []byte("x"), 0, there), "sendto")
	s.say(unix.Sendto(fd, nil, 0, there), "sendto of nothing")
	s.say(unix.Sendto(fd, make([]byte, 70000), 0, there), "sendto of too much")
	s.say(unix.Connect(fd, there), "connect")
	n, err := unix.SendmsgN(fd, []byte("yy"), nil, nil, 0)
	s.say(err, "sendmsg %d", n)
	_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&make([]byte, 16)[0])), 16)
	s.say(e, "connect to nobody")
	b := make([]byte, 10)
	for range 3 {
		n, _, err := unix.Recvfrom(l, b, unix.MSG_DONTWAIT)
		s.say(err, "  %q", b[:max(n, 0)])
	}
	unix.Close(l)
	unix.Close(fd)
}

func (s *sameNet) netlink() {
	for _, first := range []string{"bind", "connect", "send"} {
		fd := s.socket(unix.AF_NETLINK, unix.SOCK_RAW)
		to := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
		switch first {
		case "bind":
			s.say(unix.Bind(fd, to), "bind netlink")
		case "connect":
			s.say(unix.Connect(fd, to), "connect netlink")
		}
		msg := make([]byte, 20) // struct nlmsghdr, rtgenmsg
		binary.NativeEndian.PutUint32(msg, 20)
		binary.NativeEndian.PutUint16(msg[4:], unix.RTM_GETLINK)
		binary.NativeEndian.PutUint16(msg[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
		s.say(unix.Sendto(fd, msg, 0, to), "send")
		sa, err := unix.Getsockname(fd)
		s.say(err, "its name is the process: %v", int(sa.(*unix.SockaddrNetlink).Pid) == os.Getpid())
		b := make([]byte, 8192)
		n, err := unix.Read(fd, b)
		s.say(err, "read %v", n > 20)
		unix.Close(fd)
	}
}

// words makes calls with words that are wrong.
func (s *sameNet) words() {
	inet, local := s.socket(unix.AF_INET, unix.SOCK_DGRAM), s.socket(unix.AF_UNIX, unix.SOCK_DGRAM)
	sa := make([]byte, 200)
	sa[0], sa[3], sa[4], sa[7] = unix.AF_INET, 9, 127, 1
	at := uintptr(unsafe.Pointer(&sa[0]))
	for _, fd := range []uintptr{uintptr(inet), uintptr(local), 77, 1} {
		for _, call := range []uintptr{unix.SYS_CONNECT, unix.SYS_BIND} {
			for _, a := range [][2]uintptr{{0, 0}, {0, 16}, {8, 16}, {at, 0}, {at, ^uintptr(0)}, {at, 129}} {
				if a[0] == 0 && a[1] == 0 || a[1] == 0 {
					continue // nothing is asked for: rules for calls without an effect decide
				}
				_, _, e := unix.Syscall(call, fd, a[0], a[1])
				s.say(e, "%d of descriptor %d: %x %d", call, fd, min(a[0], 9), int(a[1]))
			}
		}
		if fd != uintptr(local) { // which looks at the address first
			_, _, e := unix.Syscall6(unix.SYS_SENDTO, fd, 8, 10, 0, at, 16)
			s.say(e, "sendto from a bad address")
		}
		_, _, e := unix.Syscall(unix.SYS_SENDMSG, fd, 8, 0)
		s.say(e, "sendmsg of a bad address")
		_, _, e = unix.Syscall6(unix.SYS_SENDMMSG, fd, 8, 1, 0, 0, 0)
		s.say(e, "sendmmsg of a bad address")
	}
	unix.Close(inet)
	unix.Close(local)
}

// waiting interrupts calls that wait.
func (s *sameNet) waiting() {
	l := s.socket(unix.AF_UNIX, unix.SOCK_STREAM)
	unix.Bind(l, &unix.SockaddrUnix{Name: "busy"})
	unix.Listen(l, 0)
	for range 2 {
		fd := s.socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK)
		s.say(unix.Connect(fd, &unix.SockaddrUnix{Name: "busy"}), "connect to who is busy")
	}
	fd := s.socket(unix.AF_UNIX, unix.SOCK_STREAM)
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Usec: 50_000})
	s.say(unix.Connect(fd, &unix.SockaddrUnix{Name: "busy"}), "connect in time")
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{})
	// Go has all its handlers restart calls: so does the first signal, and the
	// second comes when somebody accepts.
	tids := make(chan int, 1)
	done := make(chan error, 1)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, unix.SIGHUP)
	go func() {
		runtime.LockOSThread()
		tids <- unix.Gettid()
		_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&unixAddress("busy")[0])), 7)
		done <- e
	}()
	tid := <-tids
	for stat := ""; !strings.Contains(stat, ") S"); {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", tid))
		stat = string(b)
	}
	unix.Tgkill(os.Getpid(), tid, unix.SIGHUP)
	s.say(nil, "got %v", <-hup)
	select {
	case err := <-done:
		s.say(err, "connect ended by a signal")
	case <-time.After(20 * time.Millisecond):
		_, _, err := unix.Accept(l)
		s.say(err, "accept")
		s.say(<-done, "connect")
	}
}
