package tracer

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// ourselves is a task that is this process: its descriptors are ours.
func ourselves(want FDDetails) *Task {
	return &Task{t: &Tracer{opt: Options{Describe: want}}, tid: os.Getpid()}
}

const allDetails = FDSocket | FDDevice | FDEventfd | FDPidfd | FDSignalfd

func nameOf(t *testing.T, want FDDetails, fd int) string {
	t.Helper()
	return string(ourselves(want).AppendFD(nil, int32(fd)))
}

func opened(t *testing.T, fd int, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
}

func TestDescriptorDetails(t *testing.T) {
	null, err := unix.Open("/dev/null", unix.O_RDWR, 0)
	opened(t, null, err)
	ev, err := unix.Eventfd(11, unix.EFD_SEMAPHORE)
	opened(t, ev, err)
	set := unix.Sigset_t{}
	set.Val[0] = 0x10200 // USR1, CHLD
	sig, err := unix.Signalfd(-1, &set, 0)
	opened(t, sig, err)
	pid, err := unix.PidfdOpen(os.Getpid(), 0)
	opened(t, pid, err)
	for _, c := range []struct {
		fd        int
		want      FDDetails
		has, none string
	}{
		{null, FDDevice, "/dev/null\x00<char 1:3>", "/dev/null"},
		{ev, FDEventfd, "\x00{eventfd-count=0xb", "anon_inode:[eventfd]"},
		{sig, FDSignalfd, "\x00signalfd:\x010000000000010200", "anon_inode:[signalfd]"},
		{pid, FDPidfd, fmt.Sprintf("\x00pid:%d", os.Getpid()), ""},
	} {
		if got := nameOf(t, c.want, c.fd); !strings.HasPrefix(got, c.has) {
			t.Errorf("%q, want %q", got, c.has)
		}
		if got := nameOf(t, allDetails&^c.want, c.fd); c.none != "" && got != c.none {
			t.Errorf("not asked for: %q, want %q", got, c.none)
		}
	}
	if got := nameOf(t, allDetails, 1<<20); got != "" {
		t.Errorf("a closed descriptor has the name %q", got)
	}
}

// The descriptors of another process are not those of the task that names them.
func TestForeignDescriptors(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	child := exec.Command("cat")
	child.ExtraFiles = []*os.File{full} // its descriptor 3
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := child.Wait(); err != nil {
			t.Error(err)
		}
	})
	pidfd, err := unix.PidfdOpen(child.Process.Pid, 0)
	opened(t, pidfd, err)
	k, pid := ourselves(FDDevice), int32(child.Process.Pid)
	of := func(pid, fd int32) string { return string(k.AppendFDOf([]byte("x"), pid, fd)) }
	behind := func(pidfd, fd int32) string { return string(k.AppendFDBehind([]byte("x"), pidfd, fd)) }
	for _, c := range []struct{ what, got, want string }{
		{"of the child", of(pid, 3), "x/dev/full\x00<char 1:7>"},
		{"behind the pidfd", behind(int32(pidfd), 3), "x/dev/full\x00<char 1:7>"},
		{"closed, of the child", of(pid, 1000), "x"},
		{"closed, behind the pidfd", behind(int32(pidfd), 1000), "x"},
		{"of no process", of(-1, 3), "x"},
		{"of process 0", of(0, 3), "x"},
		{"no descriptor", of(pid, -1), "x"},
		{"behind no descriptor", behind(-1, 3), "x"},
		{"behind what is no pidfd", behind(int32(full.Fd()), 3), "x"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestDeletedFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"gone", "kept (deleted)"} {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		want := path
		if name == "gone" {
			os.Remove(path)
			want += " (deleted)"
		} else {
			want += "\x00" // it only looks so
		}
		if got := nameOf(t, 0, int(f.Fd())); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// needDiag skips a test where the kernel tells nothing about sockets of a family (CONFIG_INET_DIAG and the like).
func needDiag(t *testing.T, family, protocol byte) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG)
	opened(t, fd, err)
	const size = unix.NLMSG_HDRLEN + 56 // struct inet_diag_req_v2, the largest
	req := binary.NativeEndian.AppendUint32(nil, size)
	req = binary.NativeEndian.AppendUint16(req, unix.SOCK_DIAG_BY_FAMILY)
	req = binary.NativeEndian.AppendUint16(req, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	req = append(req, make([]byte, 8)...) // sequence number, port
	req = append(req, family, protocol)
	req = append(req, make([]byte, size-len(req))...)
	if err := unix.Sendto(fd, req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 1<<16)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil || n < unix.NLMSG_HDRLEN+4 {
		t.Fatal(n, err)
	}
	errno := -int32(binary.NativeEndian.Uint32(answer[unix.NLMSG_HDRLEN:]))
	if binary.NativeEndian.Uint16(answer[4:]) == unix.NLMSG_ERROR && unix.Errno(errno) == unix.ENOENT {
		t.Skipf("this kernel has no sock_diag(7) of family %d, protocol %d", family, protocol)
	}
}

func TestSocketDetails(t *testing.T) {
	needDiag(t, unix.AF_INET, unix.IPPROTO_TCP)
	needDiag(t, unix.AF_UNIX, 0)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f, err := c.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := fmt.Sprintf("\x00TCP:[%v->%v]", c.LocalAddr(), c.RemoteAddr())
	if got := nameOf(t, FDSocket, int(f.Fd())); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	opened(t, pair[0], err)
	opened(t, pair[1], err)
	a, b := inodeOf(t, pair[0]), inodeOf(t, pair[1])
	if got, want := nameOf(t, FDSocket, pair[0]), fmt.Sprintf("\x00UNIX:[%d->%d]", a, b); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	raw, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	opened(t, raw, err)
	if got, want := nameOf(t, FDSocket, raw), fmt.Sprintf("\x00UDP:[%d]", inodeOf(t, raw)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func inodeOf(t *testing.T, fd int) uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}

func TestUnixNames(t *testing.T) {
	needDiag(t, unix.AF_UNIX, 0)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	opened(t, fd, err)
	name := fmt.Sprintf("@strait<\">%d", os.Getpid())
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("UNIX-STREAM:[%d,@\x00%s\x00]", inodeOf(t, fd), name[1:])
	want2 := strings.Replace(want, "-STREAM", "", 1) // as older kernels call it
	if got := nameOf(t, FDSocket, fd); got != "\x00"+want && got != "\x00"+want2 {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNetlinkProtocol(t *testing.T) {
	needDiag(t, unix.AF_NETLINK, 255) // NDIAG_PROTO_ALL
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT)
	opened(t, fd, err)
	k := ourselves(0)
	if _, known, netlink := k.NetlinkProtocol(int32(fd)); known || !netlink {
		t.Errorf("a socket without an address: known %v, netlink %v", known, netlink)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	if p, known, _ := k.NetlinkProtocol(int32(fd)); !known || p != unix.NETLINK_KOBJECT_UEVENT {
		t.Errorf("protocol %d, known %v", p, known)
	}
	if _, _, netlink := k.NetlinkProtocol(0); netlink {
		t.Error("descriptor 0 is no netlink socket")
	}
}

func TestTerminal(t *testing.T) {
	for name, want := range map[string]bool{"/dev/ptmx": true, "/dev/null": false, "/proc/self/stat": false} {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		opened(t, fd, err)
		if got := ourselves(0).Terminal(int32(fd)); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if ourselves(0).Terminal(-1) {
		t.Error("descriptor -1 is no terminal")
	}
}

// A socket of another network namespace is asked about there.
func TestSocketOfAnotherNamespace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs CAP_SYS_ADMIN for a network namespace")
	}
	needDiag(t, unix.AF_INET, unix.IPPROTO_UDP)
	type made struct {
		tid, fd, port int
		err           error
	}
	ready, done := make(chan made), make(chan struct{})
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with its namespace
		m := made{tid: unix.Gettid()}
		if m.err = unix.Unshare(unix.CLONE_NEWNET); m.err == nil {
			m.fd, m.port, m.err = boundUDP()
		}
		ready <- m
		<-done
	}()
	m := <-ready
	defer close(done)
	if m.err != nil {
		t.Skip(m.err)
	}
	defer unix.Close(m.fd)
	k := ourselves(FDSocket)
	k.tid = m.tid
	want := fmt.Sprintf("\x00UDP:[0.0.0.0:%d]", m.port)
	if got := string(k.AppendFD(nil, int32(m.fd))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func boundUDP() (fd, port int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{}); err != nil {
		return 0, 0, err
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0, 0, err
	}
	return fd, sa.(*unix.SockaddrInet4).Port, nil
}
