package enforce

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestScratchRace: without notifications, calls are made with copies of the words
// that were judged.
func TestScratchRace(t *testing.T) {
	dir := tree(t)
	opens := 60_000
	if testing.Short() {
		opens = 2_000
	}
	c := program(t, "race", dir, strconv.Itoa(opens))
	winsAlone(t, c)
	got := under(t, Options{Policy: broad(t, dir), NoNotify: true, AuditAll: true}, c)
	if want := fmt.Sprintf("0 of %d\n", opens); got.out != want || got.status != 0 {
		t.Errorf("got %q, status %#x, want %q", got.out, int(got.status), want)
	}
	if got.result.Denied == 0 {
		t.Error("nothing was denied: the race was not run")
	}
	for _, r := range got.records {
		if r.By == "performed" {
			t.Fatal("a call was performed")
		}
	}
	there, hidden := dir+"/open/socket", dir+"/secret/socket"
	for _, name := range []string{there, hidden} {
		l, err := net.Listen("unix", name)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := os.Chmod(name, 0o777); err != nil {
			t.Fatal(err)
		}
		go greet(l, map[string]string{there: "p", hidden: "S"}[name])
	}
	p := broad(t, dir, "deny(EACCES) net.connect unix "+dir+"/secret/**")
	got = under(t, Options{Policy: p, NoNotify: true}, program(t, "racenet", "unix", there, hidden, "2000"))
	if got.out != "0 of 2000\n" || got.status != 0 || got.result.Denied == 0 {
		t.Error(&got)
	}
}

// TestScratchSame: results are the same when calls are made with copies.
func TestScratchSame(t *testing.T) {
	dir := tree(t)
	script := "cd " + dir + "/open; cat file; cp file a && mv a b && ln b c && ln -s c d && cat d && mkdir e && touch e/f && rm -r e b c d; ls; cat ../secret/key; (cat file; true) | cat; exec cat file"
	want := sh(t, broad(t, dir), script)
	got := under(t, Options{Policy: broad(t, dir), NoNotify: true}, shell(script))
	if got.out != want.out || got.status != want.status || strings.Contains(got.out, "SECRET") {
		t.Error("got ", &got, " want ", &want)
	}
}

// TestScratchAttacked: the copies cannot be changed, moved or replaced.
func TestScratchAttacked(t *testing.T) {
	got := under(t, Options{Policy: broad(t, tree(t)), NoNotify: true}, program(t, "scratch"))
	want := `mmap over it: operation not permitted
mmap beside and over it: operation not permitted
munmap: operation not permitted
mprotect: operation not permitted
mremap: operation not permitted
mremap over it: operation not permitted
madvise: operation not permitted
process_vm_writev: operation not permitted
/proc/self/mem: input/output error
shmat over it: operation not permitted
mmap elsewhere: ok
`
	if got.out != want || got.status != 0 {
		t.Errorf("got %s\nwant %s", &got, want)
	}
}

// scratchProgram looks for the window in its memory, and attacks it.
func scratchProgram([]string) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		fmt.Println(err)
		return
	}
	var at, end uint64
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "memfd:") {
			fmt.Sscanf(line, "%x-%x", &at, &end)
		}
	}
	if at == 0 {
		fmt.Println("there is no window")
		return
	}
	say := func(what string, e error) {
		if e == nil || e == unix.Errno(0) {
			fmt.Println(what + ": ok")
			return
		}
		fmt.Printf("%s: %v\n", what, e)
	}
	call := func(what string, nr uintptr, args ...uint64) {
		var a [6]uintptr
		for i, v := range args {
			a[i] = uintptr(v)
		}
		_, _, e := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
		say(what, e)
	}
	const anywhere = ^uint64(0)
	fixed := uint64(unix.MAP_FIXED | unix.MAP_PRIVATE | unix.MAP_ANONYMOUS)
	own, _ := unix.Mmap(-1, 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	mine := uint64(uintptr(unsafe.Pointer(&own[0])))
	call("mmap over it", unix.SYS_MMAP, at, 4096, 3, fixed, anywhere, 0)
	call("mmap beside and over it", unix.SYS_MMAP, at-65536, 131072, 3, fixed, anywhere, 0)
	call("munmap", unix.SYS_MUNMAP, at, 4096)
	call("mprotect", unix.SYS_MPROTECT, at, 4096, 3)
	call("mremap", unix.SYS_MREMAP, at, 4096, 8192, unix.MREMAP_MAYMOVE)
	call("mremap over it", unix.SYS_MREMAP, mine, 4096, 4096, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, at)
	call("madvise", unix.SYS_MADVISE, at, 4096, unix.MADV_DONTNEED)
	local := unix.Iovec{Base: &own[0]}
	local.SetLen(1)
	remote := unix.RemoteIovec{Base: uintptr(at), Len: 1}
	_, err = unix.ProcessVMWritev(os.Getpid(), []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
	say("process_vm_writev", err)
	if f, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0); err != nil {
		say("/proc/self/mem", err)
	} else {
		_, err := unix.Pwrite(int(f.Fd()), []byte("x"), int64(at))
		say("/proc/self/mem", err)
	}
	id, _ := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, 0o600)
	call("shmat over it", unix.SYS_SHMAT, uint64(id), at, 0o40000)
	unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	call("mmap elsewhere", unix.SYS_MMAP, mine, 4096, 3, fixed, anywhere, 0)
}
