package enforce

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestSameResults: what is performed for a program has the same outcome as what it
// does itself, errors included.
func TestSameResults(t *testing.T) {
	parent := tree(t)
	dir := filepath.Join(parent, "work")
	prepare := func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	prepare()
	c := program(t, "same", dir)
	native := exec.Command(c.Path, c.Args[1:]...)
	native.Env = c.Env
	want, err := native.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(want))
	}
	prepare()
	got := under(t, Options{Policy: broad(t, parent), AuditAll: true}, c)
	if got.status != 0 {
		t.Fatal(&got)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got.out, "\n")
	if d := cmp.Diff(w, g); d != "" {
		t.Errorf("without strait -, with it +:\n%s", d)
	}
	if len(w) < 100 {
		t.Errorf("only %d lines", len(w))
	}
	performed := 0
	for _, r := range got.records {
		if r.By == "performed" {
			performed++
		}
	}
	if notifications() && performed < 100 {
		t.Errorf("%d calls were performed", performed)
	}
}

// sameProgram makes calls and writes what came of them.
func sameProgram(args []string) {
	s := same{}
	if err := os.Chdir(args[0]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	unix.Umask(0o27)
	s.opens()
	unix.Umask(0o22)
	s.names()
	s.attributes()
	s.links()
	s.proc()
	s.looks()
}

type same struct{}

// say writes the outcome of a call.
func (s *same) say(err error, format string, args ...any) {
	e := "ok"
	if err != nil {
		e = err.Error()
	}
	fmt.Printf("%s: %s\n", fmt.Sprintf(format, args...), e)
}

func (s *same) look(name string) {
	var st unix.Stat_t
	err := unix.Lstat(name, &st)
	s.say(err, "  %s is %o %d uid %d gid %d links %d", name, st.Mode, st.Size, st.Uid, st.Gid, st.Nlink)
}

func (s *same) opens() {
	s.say(os.WriteFile("file", []byte("hello"), 0o644), "make file")
	s.say(os.Mkdir("dir", 0o755), "make dir")
	os.Symlink("file", "link")
	os.Symlink("nowhere/file", "dangling")
	os.Symlink("made", "todo")
	os.Symlink("loop", "loop")
	os.Symlink("dir", "dirlink")
	unix.Mkfifo("fifo", 0o666)
	flags := []int{
		unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR, unix.O_RDWR | unix.O_TRUNC, unix.O_PATH, unix.O_DIRECTORY,
		unix.O_CREAT, unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, unix.O_NOFOLLOW, unix.O_PATH | unix.O_NOFOLLOW,
		unix.O_CREAT | unix.O_NOFOLLOW | unix.O_RDWR, unix.O_CREAT | unix.O_DIRECTORY, unix.O_TMPFILE | unix.O_RDWR,
		unix.O_CLOEXEC | unix.O_APPEND | unix.O_WRONLY, unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_DIRECTORY,
	}
	names := []string{
		"file", "dir", "link", "dangling", "todo", "loop", "dirlink", "fresh", "dir/new", "file/x", "nodir/x", "", "file/",
		"dir/", "new/", "dirlink/", "dirlink/deep", "./file", "dir/../file", "/", "..", ".", strings.Repeat("x", 300), strings.Repeat("y/", 2500), "/proc/self/fd/0",
	}
	for _, f := range flags {
		for _, n := range names {
			short := n[:min(len(n), 20)]
			fd, err := unix.Open(n, f, 0o666)
			got, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
			cloexec, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
			got &^= unix.O_NOFOLLOW | unix.O_DIRECTORY
			s.say(err, "open %q %o -> %d %o %d", short, f, fd, got, cloexec)
			if err == nil {
				b := []byte("x")
				_, err := unix.Write(fd, b)
				s.say(err, "  write")
				unix.Close(fd)
			}
			for _, made := range []string{"made", "fresh", "dir/new", "dir/deep"} {
				if _, err := os.Lstat(made); err == nil {
					s.look(made)
					os.Remove(made)
				}
			}
		}
	}
	s.opens2()
	fd, err := unix.Open("fifo", unix.O_RDONLY|unix.O_NONBLOCK, 0)
	s.say(err, "open fifo")
	unix.Close(fd)
	fd, err = unix.Open("fifo", unix.O_WRONLY|unix.O_NONBLOCK, 0)
	s.say(err, "open fifo for writing -> %v", fd >= 0)
	done := make(chan int)
	go func() {
		fd, _ := unix.Open("fifo", unix.O_RDONLY, 0)
		done <- fd
	}()
	fd, err = unix.Open("fifo", unix.O_WRONLY, 0)
	s.say(err, "open fifo from both sides")
	unix.Close(fd)
	unix.Close(<-done)
}

func (s *same) opens2() {
	dir, _ := unix.Open("dir", unix.O_PATH|unix.O_DIRECTORY, 0)
	defer unix.Close(dir)
	os.WriteFile("dir/in", nil, 0o600)
	os.Symlink("/dir/in", "dir/abs")
	os.Symlink("../file", "dir/out")
	for _, resolve := range []uint64{0, unix.RESOLVE_BENEATH, unix.RESOLVE_IN_ROOT, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_NO_MAGICLINKS, unix.RESOLVE_NO_XDEV, 1 << 40} {
		for _, n := range []string{"in", "abs", "out", "../file", "/in", "x/../in", "./in", "..", "/proc/self/exe", "/proc/self/status"} {
			// Not O_PATH: that is ENOSYS, see performOpen.
			for _, f := range []uint64{0, unix.O_CREAT | unix.O_RDWR} {
				if n == "/in" && f != 0 && resolve&unix.RESOLVE_IN_ROOT == 0 {
					continue // it would be made, in the root of the machine
				}
				how := unix.OpenHow{Flags: f, Resolve: resolve}
				fd, err := unix.Openat2(dir, n, &how)
				s.say(err, "openat2 %q %o resolve %x", n, f, resolve)
				unix.Close(fd)
			}
		}
	}
	for _, how := range []unix.OpenHow{{Flags: 1 << 40}, {Mode: 0o644}, {Flags: unix.O_CREAT, Mode: 1 << 20}} {
		fd, err := unix.Openat2(dir, "in", &how)
		s.say(err, "openat2 in %+v", how)
		unix.Close(fd)
	}
	_, _, e := unix.Syscall6(unix.SYS_OPENAT2, uintptr(dir), uintptr(unsafe.Pointer(&[]byte("in\x00")[0])), 8, 8, 0, 0)
	s.say(e, "openat2 with a short structure")
	_, _, e = unix.Syscall6(unix.SYS_OPENAT2, uintptr(dir), uintptr(unsafe.Pointer(&[]byte("in\x00")[0])), 8, 24, 0, 0)
	s.say(e, "openat2 with a bad address")
	_, _, e = unix.Syscall6(unix.SYS_OPENAT, uintptr(dir), 8, 0, 0, 0, 0)
	s.say(e, "openat of a bad address")
	_, err := unix.Openat(77, "in", 0, 0)
	s.say(err, "openat from a bad descriptor")
	_, err = unix.Openat(77, "/", 0, 0)
	s.say(err, "openat of an absolute path from a bad descriptor")
	_, err = unix.Openat(1, "in", 0, 0)
	s.say(err, "openat from no directory")
}

func (s *same) names() {
	targets := []string{"file", "dir", "link", "dangling", "new", "new/", "dir/", ".", "..", "/", "", "nodir/x", "file/x", "dirlink", "dirlink/"}
	for _, n := range targets {
		s.say(unix.Mkdir(n, 0o751), "mkdir %q", n)
		s.look("new")
		s.say(unix.Rmdir(n), "rmdir %q", n)
		s.say(unix.Mknod(n, unix.S_IFREG|0o640, 0), "mknod %q", n)
		s.look("new")
		os.Mkdir("dir", 0o755)
		if n != "file" && n != "link" && n != "dirlink" && n != "dangling" {
			s.say(unix.Unlink(n), "unlink %q", n)
		}
		s.say(unix.Symlink("text of it", n), "symlink %q", n)
		os.Remove("new")
		s.say(unix.Link("file", n), "link file %q", n)
		s.look("file")
		os.Remove("new")
		s.say(unix.Link(n, "linked"), "link %q", n)
		s.look("linked")
		os.Remove("linked")
		s.say(unix.Linkat(unix.AT_FDCWD, n, unix.AT_FDCWD, "linked", unix.AT_SYMLINK_FOLLOW), "linkat %q", n)
		s.look("linked")
		os.Remove("linked")
		for _, m := range []string{"other", "dir/other", "dir", ".", "nodir/x"} {
			if n == "/" || n == ".." {
				continue
			}
			err := unix.Rename(n, m)
			s.say(err, "rename %q %q", n, m)
			if err == nil {
				s.say(unix.Rename(m, strings.TrimSuffix(n, "/")), "  and back")
			}
		}
		if n != "/" && n != ".." { // the secret is in there
			s.say(unix.Renameat2(unix.AT_FDCWD, n, unix.AT_FDCWD, "dir", unix.RENAME_NOREPLACE), "renameat2 %q dir", n)
		}
	}
	s.say(unix.Renameat2(unix.AT_FDCWD, "file", unix.AT_FDCWD, "dir", unix.RENAME_EXCHANGE), "exchange")
	s.look("file")
	s.say(unix.Renameat2(unix.AT_FDCWD, "file", unix.AT_FDCWD, "dir", unix.RENAME_EXCHANGE), "exchange")
	s.say(unix.Unlinkat(unix.AT_FDCWD, "file", 0x4000), "unlinkat with bad flags")
}

func (s *same) attributes() {
	os.WriteFile("file", []byte("hello world"), 0o644)
	fd, _ := unix.Open("file", unix.O_RDWR, 0)
	pipe := make([]int, 2)
	unix.Pipe(pipe)
	for _, n := range []string{"file", "dir", "link", "dangling", "nothing", "", "loop"} {
		s.say(unix.Chmod(n, 0o4711), "chmod %q", n)
		s.look("file")
		s.say(unix.Fchmodat(unix.AT_FDCWD, n, 0o600, unix.AT_SYMLINK_NOFOLLOW), "fchmodat %q", n)
		s.say(unix.Chown(n, -1, os.Getgid()), "chown %q", n)
		s.say(unix.Lchown(n, os.Getuid(), -1), "lchown %q", n)
		s.say(unix.Chown(n, 12345, -1), "chown %q to another", n)
		s.say(unix.Chown(n, os.Getuid(), -1), "chown %q back", n)
		s.say(unix.Truncate(n, 3), "truncate %q", n)
		s.look("file")
		if n != "" {
			s.say(unix.Truncate(n, -1), "truncate %q to -1", n)
		}
		s.say(unix.Utimes(n, []unix.Timeval{{Sec: 1, Usec: 2}, {Sec: 3, Usec: 4}}), "utimes %q", n)
		s.say(unix.Utimes(n, []unix.Timeval{{Sec: 1, Usec: -2}, {Sec: 3, Usec: 4}}), "bad utimes %q", n)
		s.say(unix.UtimesNanoAt(unix.AT_FDCWD, n, []unix.Timespec{{Sec: 5, Nsec: 6}, {Sec: 7, Nsec: 8}}, unix.AT_SYMLINK_NOFOLLOW), "utimensat %q", n)
		var st unix.Stat_t
		unix.Stat("file", &st)
		s.say(nil, "  times %v %v", st.Atim, st.Mtim)
		s.say(unix.Setxattr(n, "user.x", []byte("value"), 0), "setxattr %q", n)
		s.say(unix.Lsetxattr(n, "user.y", nil, unix.XATTR_CREATE), "lsetxattr %q", n)
		b := make([]byte, 99)
		k, err := unix.Getxattr("file", "user.x", b)
		s.say(err, "getxattr %q", b[:max(k, 0)])
		s.say(unix.Removexattr(n, "user.x"), "removexattr %q", n)
		s.say(unix.Lremovexattr(n, "user.y"), "lremovexattr %q", n)
	}
	for _, f := range []int{fd, pipe[0], 77, -1} {
		s.say(unix.Fchmod(f, 0o640), "fchmod")
		s.say(unix.Fchown(f, -1, os.Getgid()), "fchown")
		s.say(unix.Fsetxattr(f, "user.z", []byte("1"), 0), "fsetxattr")
		s.say(unix.Fremovexattr(f, "user.z"), "fremovexattr")
		s.say(unix.Futimes(f, []unix.Timeval{{Sec: 9}, {Sec: 9}}), "futimes")
		_, _, e := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(f), 0, 0, 0, 0, 0)
		s.say(e, "utimensat of the descriptor itself")
	}
	s.look("file")
	os.Chmod("dir", 0o755)
}

func (s *same) links() {
	os.MkdirAll("a/b/c", 0o755)
	os.Symlink("../../file", "a/b/up")
	os.Symlink("b/../b/up", "a/chain")
	os.Symlink("/proc/self/cwd/file", "magic")
	for _, n := range []string{"a/chain", "a/b/up", "magic", "a/b/c/../up", "a/b/up/", "a/chain/x", "magic/"} {
		for _, f := range []int{0, unix.O_NOFOLLOW, unix.O_WRONLY | unix.O_CREAT} {
			fd, err := unix.Open(n, f, 0o600)
			s.say(err, "open %q %o", n, f)
			unix.Close(fd)
		}
	}
}

func (s *same) proc() {
	for _, n := range []string{
		"/proc/self/comm", "/proc/thread-self/comm", "/proc/self/fd/1", "/dev/stdin", "/dev/fd/0", "/proc/self/exe",
		"/proc/self/cwd", "/proc/self/root/etc/passwd", "/proc/self/task", "/proc/self/nope", "/proc/self/fd/99", "/dev/null",
		"/proc/self/maps", "/proc/self/ns/pid", "/proc/mounts", "/proc/net/dev", "/dev/tty", "/proc/self/mem", "/proc/1/root", "/sys/kernel/uevent_seqnum",
	} {
		for _, f := range []int{unix.O_RDONLY, unix.O_RDWR, unix.O_PATH} {
			fd, err := unix.Open(n, f|unix.O_NONBLOCK, 0)
			s.say(err, "open %q %o", n, f)
			if err == nil && strings.HasSuffix(n, "/comm") {
				b := make([]byte, 20)
				k, _ := unix.Read(fd, b)
				s.say(nil, "  reads %q", b[:max(k, 0)])
			}
			unix.Close(fd)
		}
	}
}

// looks asks about names in all ways.
func (s *same) looks() {
	os.WriteFile("seen", []byte("hello"), 0o640)
	os.Symlink("seen", "toseen")
	unix.Setxattr("seen", "user.a", []byte("value"), 0)
	dir, _ := unix.Open("a", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	link, _ := unix.Open("toseen", unix.O_PATH|unix.O_NOFOLLOW, 0)
	pipe := make([]int, 2)
	unix.Pipe(pipe)
	names := []string{
		"seen", "toseen", "toseen/", "a", "a/", "a/b/up", "nothing", "seen/x", "", ".", "..", "/", "loop", "magic", strings.Repeat("x", 300),
		"/proc/self/exe", "/proc/self/cwd", "/proc/self/fd/1", "/proc/self/comm", "/proc/thread-self/comm", "/proc/mounts", "/dev/null", "/etc/passwd",
	}
	for _, n := range names {
		short := n[:min(len(n), 30)]
		for _, f := range []int{0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, 1 << 20} {
			if n == "" && f == 1<<20 {
				continue // what is found first is another thing
			}
			var st unix.Stat_t
			s.say(unix.Fstatat(unix.AT_FDCWD, n, &st, f), "fstatat %q %x %o %d %v", short, f, st.Mode, st.Nlink, st.Size > 0)
			var x unix.Statx_t
			s.say(unix.Statx(unix.AT_FDCWD, n, f, unix.STATX_BASIC_STATS, &x), "statx %q %x %o %d", short, f, x.Mode, x.Nlink)
			for _, mode := range []uint32{0, 1, 2, 4, 7, 8} {
				if n == "" && mode == 8 {
					continue
				}
				s.say(unix.Faccessat(unix.AT_FDCWD, n, mode, f), "faccessat %q %o %x", short, mode, f)
			}
		}
		b := make([]byte, 100)
		k, err := unix.Readlink(n, b)
		text := string(b[:max(k, 0)])
		if n == "/proc/self/fd/1" {
			text = text[:min(5, len(text))]
		}
		s.say(err, "readlink %q %q", short, text)
		k, err = unix.Readlink(n, b[:3])
		s.say(err, "short readlink %q %q", short, b[:max(k, 0)])
		var fs unix.Statfs_t
		s.say(unix.Statfs(n, &fs), "statfs %q %x", short, fs.Type)
		for _, size := range []int{0, 2, 100} {
			k, err = unix.Getxattr(n, "user.a", b[:size])
			s.say(err, "getxattr %q %d %q", short, k, b[:max(0, min(k, size))])
			k, err = unix.Lgetxattr(n, "user.none", b[:size])
			s.say(err, "lgetxattr %q %d", short, k)
			k, err = unix.Listxattr(n, b[:size])
			s.say(err, "listxattr %q %d", short, k)
			k, err = unix.Llistxattr(n, b[:size])
			s.say(err, "llistxattr %q %d", short, k)
		}
	}
	for _, fd := range []int{dir, link, pipe[0], 1000, unix.AT_FDCWD} {
		var st unix.Stat_t
		s.say(unix.Fstatat(fd, "", &st, unix.AT_EMPTY_PATH), "fstatat itself %o", st.Mode)
		s.say(unix.Fstatat(fd, "b", &st, 0), "fstatat from it %o", st.Mode)
		b := make([]byte, 100)
		k, err := unix.Readlinkat(fd, "", b)
		s.say(err, "readlinkat itself %q", b[:max(0, k)])
	}
	name := uintptr(unsafe.Pointer(&[]byte("seen\x00")[0]))
	_, _, e := unix.Syscall6(unix.SYS_NEWFSTATAT, ^uintptr(99), name, 8, 0, 0, 0)
	s.say(e, "newfstatat to a bad address")
	_, _, e = unix.Syscall6(unix.SYS_NEWFSTATAT, ^uintptr(99), 0, name, 0, 0, 0)
	s.say(e, "newfstatat of a null pointer")
	_, _, e = unix.Syscall6(unix.SYS_READLINKAT, ^uintptr(99), 8, 8, 8, 0, 0)
	s.say(e, "readlinkat of a bad address")
	self, _ := os.Readlink("/proc/self")
	s.say(nil, "/proc/self is this: %v", self == fmt.Sprint(os.Getpid()))
}
