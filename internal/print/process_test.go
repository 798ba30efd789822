package print_test

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"strait/internal/print"
	"strait/syscalls"
)

const base = 0x10000

// linesTracee has some bytes at base, and nothing else.
type linesTracee struct{ mem []byte }

func (l *linesTracee) ReadMemory(addr uint64, p []byte) int {
	if addr < base || addr >= base+uint64(len(l.mem)) {
		return 0
	}
	return copy(p, l.mem[addr-base:])
}

func (l *linesTracee) AppendFD(dst []byte, _ int32) []byte { return dst }

func (l *linesTracee) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

// Lines that the newest strace prints for the same arguments.
func TestProcessLines(t *testing.T) {
	insn := func(code, jt, jf, k uint64) uint64 { return code | jt<<16 | jf<<24 | k<<32 }
	words := func(w ...uint64) (b []byte) {
		for _, v := range w {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		return b
	}
	for _, c := range []struct {
		name string
		args []uint64
		mem  []byte
		full bool
		want string
	}{
		{"personality", []uint64{0x40000}, nil, false, "personality(PER_LINUX|ADDR_NO_RANDOMIZE)"},
		{"personality", []uint64{0x40000000}, nil, false, "personality(PER_LINUX|0x40000000)"},
		{"personality", []uint64{0xffffffff}, nil, false, "personality(0xffffffff)"},
		{"sched_setaffinity", []uint64{0, 8, base}, words(5), false, "sched_setaffinity(0, 8, [0 2])"},
		{
			"seccomp",
			[]uint64{1, 0, base},
			words(2, base+16, insn(0x15, 1, 0, 59), insn(6, 0, 0, 0x50001)), true,
			"seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=[BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x3b, 0x1, 0), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x1)]})",
		},
		{"seccomp", []uint64{1, 0, base}, words(2, base+16), false, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=0x10010})"},
		{
			"rt_sigaction",
			[]uint64{10, base, 0, 8},
			words(0x1234, 0x14000004, 0x5678, 0, 0, 0, 0, 0, 0, 0, 0), false,
			"rt_sigaction(SIGUSR1, {sa_handler=0x1234, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, sa_restorer=0x5678})",
		},
		{
			"capset",
			[]uint64{base, base + 8},
			words(0x20080522, 1, 0, 1<<63), false,
			"capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN, permitted=0, inheritable=0x80000000 /* CAP_??? */})",
		},
		{"keyctl", []uint64{19, 5, 10, 128, ^uint64(2)}, nil, false, "keyctl(KEYCTL_REJECT, 5, 10, EKEYREVOKED, KEY_SPEC_SESSION_KEYRING)"},
	} {
		var d syscalls.Decoder
		abi := syscalls.ByName("amd64")
		nr, ok := abi.Number(c.name)
		if !ok {
			t.Fatalf("amd64 has no %s", c.name)
		}
		ev := &syscalls.Event{ABI: abi, Nr: nr, Abbrev: !c.full, Verbose: true}
		copy(ev.Args[:], c.args)
		d.Enter(ev, &linesTracee{c.mem})
		var p print.Text
		if got := string(p.AppendEnter(nil, ev)); got != c.want && got+")" != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// The first select and mmap of i386 have their arguments in memory, with names of their own.
func TestNamesOfArgumentsInMemory(t *testing.T) {
	var mem []byte
	for _, w := range []uint32{5, 0, 0, base + 8, 0, 9} {
		mem = binary.LittleEndian.AppendUint32(mem, w)
	}
	i386 := syscalls.ByName("i386")
	for _, c := range []struct {
		name string
		arg  uint64
		want string
	}{
		{"select", base, "select(nfds=5, readfds=NULL, writefds=NULL, exceptfds=[], timeout=NULL"},
		{"select", 1, "select(arg=0x1"},
		{"mmap", base, "mmap(addr=0x5, length=0, prot=PROT_NONE, flags=MAP_DROPPABLE|MAP_NONBLOCK, fd=0, offset=0x9"},
		{"mmap", 1, "mmap(addr=0x1"},
	} {
		var d syscalls.Decoder
		nr, _ := i386.Number(c.name)
		ev := &syscalls.Event{ABI: i386, Call: i386.Call(nr), Nr: nr, Verbose: true, Abbrev: true}
		ev.Args[0] = c.arg
		d.Enter(ev, &linesTracee{mem})
		p := print.Text{ArgNames: true}
		if got := string(p.AppendEnter(nil, ev)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		p.ArgNames = false
		if got := string(p.AppendEnter(nil, ev)); strings.Contains(got, "=") {
			t.Errorf("names that nobody asked for: %s", got)
		}
	}
}

// foreignTracee knows the descriptors of every process.
type foreignTracee struct{ linesTracee }

func (*foreignTracee) AppendFDOf(dst []byte, pid, fd int32) []byte {
	return fmt.Appendf(dst, "/%d/%d", pid, fd)
}

func (*foreignTracee) AppendFDBehind(dst []byte, pidfd, fd int32) []byte {
	return fmt.Appendf(dst, "/pidfd %d/%d", pidfd, fd)
}

// Descriptors of other processes are named as these have them.
func TestForeignDescriptors(t *testing.T) {
	amd64 := syscalls.ByName("amd64")
	slot := binary.LittleEndian.AppendUint64(nil, 8|9<<32)
	slot = binary.LittleEndian.AppendUint64(slot, 1)
	for _, c := range []struct {
		name string
		args []uint64
		want string
	}{
		{"kcmp", []uint64{5, 6, 0, 3, 4}, "kcmp(5, 6, KCMP_FILE, 3</5/3>, 4</6/4>"},
		{"kcmp", []uint64{5, 6, 7, 3, base}, "kcmp(5, 6, KCMP_EPOLL_TFD, 3</5/3>, {efd=8</6/8>, tfd=9</6/9>, toff=1}"},
		{"kcmp", []uint64{5, 6, 1}, "kcmp(5, 6, KCMP_VM"},
		{"pidfd_getfd", []uint64{1 << 40, 4, 0}, "pidfd_getfd(0, 4</pidfd 0/4>, 0"},
	} {
		for _, names := range []bool{true, false} {
			d := syscalls.Decoder{FDs: names}
			nr, _ := amd64.Number(c.name)
			ev := &syscalls.Event{ABI: amd64, Call: amd64.Call(nr), Nr: nr, Verbose: true, Abbrev: true}
			copy(ev.Args[:], c.args)
			d.Enter(ev, &foreignTracee{linesTracee{slot}})
			want := c.want
			if !names {
				want = regexp.MustCompile("<[^>]*>").ReplaceAllString(want, "")
			}
			if got := string((&print.Text{}).AppendEnter(nil, ev)); got != want {
				t.Errorf("names %v: got %s, want %s", names, got, want)
			}
		}
	}
}

// The kernel raises SIGSEGV for an address it cannot tell: SI_KERNEL, and si_addr 0.
func TestSiginfoOfTheKernel(t *testing.T) {
	info := make([]byte, 128)
	binary.LittleEndian.PutUint32(info, 11)
	binary.LittleEndian.PutUint32(info[8:], 0x80)
	var d syscalls.Decoder
	ev := &syscalls.Event{ABI: syscalls.ByName("amd64"), Verbose: true, Abbrev: true}
	d.Siginfo(ev, info, &linesTracee{})
	if n := len(ev.Nodes); n != 4 || ev.Nodes[3].Name != "si_addr" {
		t.Errorf("got %v, want si_signo, si_code and si_addr", ev.Nodes)
	}
}

// The siginfo_t has the tracer's layout; the call in it is one of the task's own ABI.
func TestSiginfoOfSeccomp(t *testing.T) {
	for _, c := range []struct {
		abi      string
		nr, arch uint32
		want     string
	}{
		{"amd64", 110, 0xc000003e, "__NR_getppid"},
		{"amd64", 64, 0x40000003, "64 /* getppid */"},
		{"i386", 64, 0x40000003, "__NR_getppid"},
		{"arm", 64, 0x40000028, "__NR_getppid"},
		{"riscv64", 173, 0xc00000f3, "__NR_getppid"},
	} {
		info := make([]byte, 128)
		binary.LittleEndian.PutUint32(info, 31) // SIGSYS
		binary.LittleEndian.PutUint32(info[8:], 1)
		binary.LittleEndian.PutUint32(info[24:], c.nr)
		binary.LittleEndian.PutUint32(info[28:], c.arch)
		var d syscalls.Decoder
		ev := &syscalls.Event{ABI: syscalls.ByName(c.abi), Verbose: true, Abbrev: true}
		d.Siginfo(ev, info, &linesTracee{})
		if got := string((&print.Text{}).AppendArgs(nil, ev)); !strings.Contains(got, "si_syscall="+c.want+", ") {
			t.Errorf("%s: got %s, want %s", c.abi, got, c.want)
		}
	}
}
