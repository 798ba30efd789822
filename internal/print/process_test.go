package print_test

import (
	"encoding/binary"
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
