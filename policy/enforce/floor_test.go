package enforce

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestFloor: what gets around the supervisor is denied by Landlock, and what rules
// allow is not.
func TestFloor(t *testing.T) {
	if landlockVersion() < 4 {
		t.Skip("no Landlock with ports (Linux 6.7)")
	}
	dir := tree(t)
	rules := []string{"allow @io_uring", "allow fs.read " + dir + "/open/**", "allow exec /usr/bin/* /bin/*", "allow fs.write " + dir + "/open/**", "allow net.connect tcp 127.0.0.1:9"}
	c := program(t, "ring", dir+"/open/file", dir+"/secret/key", "9", "10")
	native := exec.Command(c.Path, c.Args[1:]...)
	native.Env = c.Env
	if out, err := native.CombinedOutput(); err != nil || strings.Contains(string(out), "no ring") {
		t.Skip(string(out), err)
	}
	got := under(t, Options{Policy: policyOf(t, "abi: {io_uring: allow}", rules...)}, c)
	want := "file: ok\nkey: permission denied\nport 9: connection refused\nport 10: permission denied\n"
	if got.out != want || got.status != 0 {
		t.Error(&got)
	}
	// Without default deny there is none, and the ring reaches everything.
	p := load(t, "version: 1\nabi: {io_uring: allow}\nprofiles: {main: [\"deny fs.read "+dir+"/secret/**\", \"allow *\"]}\n")
	if got := under(t, Options{Policy: p}, c); !strings.Contains(got.out, "key: ok\n") {
		t.Error(&got)
	}
	// Programs that are made, and in directories that are made, meanwhile.
	p = policyOf(t, "", "allow exec /usr/bin/* /bin/* "+dir+"/open/new/**", "allow fs.* "+dir+"/open/**", "allow fs.stat "+dir+"/**")
	script := "cd " + dir + "/open; mkdir new; cp /bin/true new/prog; new/prog && rm -r new && mkdir new && cp /bin/echo new/prog && mv new/prog new/prog2 && new/prog2 fine; ln file other; cat other"
	if got := sh(t, p, script); got.out != "fine\npublic\n" {
		t.Error(&got)
	}
}

// ringProgram opens files and connects by io_uring, which no filter sees.
func ringProgram(args []string) {
	var p ioUringParams
	fd, _, e := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&p)), 0)
	if e != 0 {
		fmt.Println("no ring: ", e)
		return
	}
	ring, err := unix.Mmap(int(fd), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	sqes, err2 := unix.Mmap(int(fd), 0x10000000, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil || err2 != nil {
		fmt.Println("no ring: ", err, err2)
		return
	}
	r := ringOf{fd: fd, p: &p, ring: ring, sqes: sqes}
	for _, name := range args[:2] {
		b := append([]byte(name), 0)
		e := r.submit(18 /* IORING_OP_OPENAT */, unix.AT_FDCWD, uint64(uintptr(unsafe.Pointer(&b[0]))), 0)
		fmt.Printf("%s: %s\n", name[strings.LastIndexByte(name, '/')+1:], outcome(e))
	}
	for _, port := range args[2:] {
		n := 0
		fmt.Sscan(port, &n)
		s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		sa := []byte{unix.AF_INET, 0, 0, byte(n), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}
		e := r.submit(16 /* IORING_OP_CONNECT */, s, uint64(uintptr(unsafe.Pointer(&sa[0]))), 16)
		fmt.Printf("port %d: %s\n", n, outcome(e))
		unix.Close(s)
	}
}

func outcome(res int32) string {
	if res < 0 {
		return unix.Errno(-res).Error()
	}
	return "ok"
}

// ioUringParams is struct io_uring_params (include/uapi/linux/io_uring.h).
type ioUringParams struct {
	sqEntries, cqEntries, flags, cpu, idle, features, wq uint32
	_                                                    [3]uint32
	sq                                                   struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, cqes, flags, _ uint32
		_                                                   uint64
	}
}

type ringOf struct {
	fd         uintptr
	p          *ioUringParams
	ring, sqes []byte
}

// submit makes one call, and returns its result.
func (r *ringOf) submit(op byte, fd int, addr, off uint64) int32 {
	at := func(off uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.ring[off])) }
	sqe := r.sqes[:64]
	clear(sqe)
	sqe[0] = op
	*(*int32)(unsafe.Pointer(&sqe[4])) = int32(fd)
	*(*uint64)(unsafe.Pointer(&sqe[8])) = off
	*(*uint64)(unsafe.Pointer(&sqe[16])) = addr
	*at(r.p.sq.array) = 0
	*at(r.p.sq.tail)++
	_, _, e := unix.Syscall6(unix.SYS_IO_URING_ENTER, r.fd, 1, 1, 1 /* IORING_ENTER_GETEVENTS */, 0, 0)
	if e != 0 {
		return -int32(e)
	}
	head := at(r.p.cq.head)
	cqe := r.p.cq.cqes + 16*(*head&*at(r.p.cq.mask))
	res := *(*int32)(unsafe.Pointer(&r.ring[cqe+8]))
	*head++
	return res
}

func TestFloorExpand(t *testing.T) {
	made := []string{"/srv/build", "/home/*"}
	for dir, want := range map[string]string{
		"/usr": "/usr", "/srv/build": "/srv", "/srv/build/x": "/srv", "/srv/builds": "/srv/builds", "/home/a/b": "/", "/srv": "/srv",
	} {
		if got := above(dir, made); got != want {
			t.Errorf("above(%s): got %s, want %s", dir, got, want)
		}
	}
	if got := above("/a", []string{"/"}); got != "/" {
		t.Error(got)
	}
	if got := expand([]string{"/home/*/.config", "/usr"}, made); !slices.Equal(got, []string{"/", "/usr"}) {
		t.Error(got)
	}
}

// TestOwnLandlock: a program's own Landlock rules would not bind what the supervisor
// does for it, so it hears that there is none.
func TestOwnLandlock(t *testing.T) {
	if landlockVersion() == 0 || !notifications() {
		t.Skip("no Landlock, or no notifications")
	}
	got := under(t, Options{Policy: broad(t, tree(t))}, program(t, "landlock"))
	if got.out != unix.ENOSYS.Error()+"\n" {
		t.Error(&got)
	}
}

func landlockProgram([]string) {
	handled := uint64(unix.LANDLOCK_ACCESS_FS_READ_FILE)
	_, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&handled)), 8, 0)
	fmt.Println(e)
}
