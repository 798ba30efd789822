package enforce

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestAddressRace: a thread that changes the address between judgement and use
// connects to forbidden places when nobody watches, and to none under the policy.
func TestAddressRace(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications (Linux 5.9)")
	}
	dir := tree(t)
	var there, hidden [2]string
	for i, network := range [2]string{"tcp4", "unix"} {
		for k, name := range [2]string{dir + "/open/socket", dir + "/secret/socket"} {
			if network == "tcp4" {
				name = "127.0.0.1:0"
			}
			l, err := net.Listen(network, name)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if network == "unix" {
				if err := os.Chmod(name, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			go greet(l, [2]string{"p", "S"}[k])
			if k == 0 {
				there[i] = l.Addr().String()
			} else {
				hidden[i] = l.Addr().String()
			}
		}
	}
	n := 5_000
	if testing.Short() {
		n = 1_000
	}
	for i, network := range [2]string{"tcp4", "unix"} {
		c := program(t, "racenet", network, there[i], hidden[i], strconv.Itoa(n))
		winsAlone(t, c)
		p := broad(t, dir, "deny(EACCES) net.connect unix "+dir+"/secret/** tcp "+hidden[0])
		got := under(t, Options{Policy: p}, c)
		if want := fmt.Sprintf("0 of %d\n", n); got.out != want || got.status != 0 {
			t.Errorf("%s: got %q, status %#x, want %q", network, got.out, int(got.status), want)
		}
		if got.result.Denied == 0 {
			t.Error("nothing was denied: the race was not run")
		}
	}
}

// greet says a word to all who connect.
func greet(l net.Listener, word string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = c.Write([]byte(word))
		c.Close()
	}
}

// rawAddress makes an address as it is in memory.
func rawAddress(network, name string) []byte {
	if network == "unix" {
		return unixAddress(name)
	}
	a, _ := net.ResolveTCPAddr(network, name)
	out := make([]byte, 16)
	out[0], out[2], out[3] = unix.AF_INET, byte(a.Port>>8), byte(a.Port)
	copy(out[4:], a.IP.To4())
	return out
}

// raceNetProgram connects to an address that another thread flips, and says how
// often it came to the hidden one.
func raceNetProgram(args []string) {
	there, hidden := rawAddress(args[0], args[1]), rawAddress(args[0], args[2])
	sa := make([]byte, max(len(there), len(hidden)))
	copy(sa, there)
	var done atomic.Bool
	go func() {
		runtime.LockOSThread()
		for !done.Load() {
			copy(sa, hidden)
			copy(sa, there)
		}
	}()
	n, _ := strconv.Atoi(args[3])
	won := 0
	domain := unix.AF_INET
	if args[0] == "unix" {
		domain = unix.AF_UNIX
	}
	for range n {
		fd, err := unix.Socket(domain, unix.SOCK_STREAM, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa[0])), uintptr(len(sa)))
		var b [1]byte
		if e == 0 {
			if _, err := unix.Read(fd, b[:]); err == nil && b[0] == 'S' {
				won++
			}
		}
		unix.Close(fd)
	}
	done.Store(true)
	fmt.Printf("%d of %d\n", won, n)
}

// TestBindRace: a directory that is exchanged for a link while sockets are bound in
// it leads to where none may be made.
func TestBindRace(t *testing.T) {
	if !notifications() || landlockVersion() == 0 {
		t.Skip("the kernel has no notifications (Linux 5.9), or no Landlock (5.13)")
	}
	dir := tree(t)
	for _, d := range []string{"/secret", "/open", "/open/d"} {
		if err := os.MkdirAll(dir+d, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir+d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir+"/secret", dir+"/open/l"); err != nil {
		t.Fatal(err)
	}
	n := 3_000
	if testing.Short() {
		n = 300
	}
	c := program(t, "racebind", dir, strconv.Itoa(n))
	winsAlone(t, c)
	src := broad(t, dir, "deny(EACCES) net.bind unix "+dir+"/secret/**")
	got := under(t, Options{Policy: src}, c)
	if !strings.HasPrefix(got.out, "0 of") || got.status != 0 {
		t.Error(&got)
	}
	left, err := os.ReadDir(dir + "/secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if e.Type()&os.ModeSocket != 0 {
			t.Error("a socket was made: ", e.Name())
		}
	}
}

// raceBindProgram binds sockets in a directory that another thread exchanges.
func raceBindProgram(args []string) {
	dir := args[0]
	var done atomic.Bool
	over := make(chan bool)
	go func() {
		for !done.Load() {
			_ = unix.Renameat2(unix.AT_FDCWD, dir+"/open/d", unix.AT_FDCWD, dir+"/open/l", unix.RENAME_EXCHANGE)
		}
		close(over)
	}()
	n, _ := strconv.Atoi(args[1])
	won, made := 0, 0
	for range n {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		if unix.Bind(fd, &unix.SockaddrUnix{Name: dir + "/open/d/s"}) == nil {
			made++
			if _, err := os.Lstat(dir + "/secret/s"); err == nil {
				won++
			}
		}
		for _, d := range []string{"/open/d/s", "/open/l/s", "/secret/s"} {
			_ = unix.Unlink(dir + d)
		}
		unix.Close(fd)
	}
	done.Store(true)
	<-over
	fmt.Printf("%d of %d, %v\n", won, n, made > 0)
}
