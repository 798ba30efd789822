package syscalls

import (
	"slices"
	"strings"
	"testing"
)

// The operations that have names for their arguments are all known ones.
func TestOpNamesAreOperations(t *testing.T) {
	for _, c := range []struct {
		names opNames
		table tableID
		first string
	}{{prctlNames, tbPrctl, "op"}, {keyctlNames, tbKeyctl, "operation"}} {
		known := make(map[string]bool)
		for _, id := range [...]ABIID{AMD64, ARM64, RISCV64} {
			for _, e := range abis[id].table(c.table).Entries {
				known[e.Name] = true
			}
		}
		for op, names := range c.names {
			if !known[op] {
				t.Errorf("%s is no operation", op)
			}
			if len(names) == 0 || slices.Contains(names, "") || slices.Contains(names, c.first) {
				t.Errorf("%s: the names %q", op, names)
			}
		}
	}
}

// A command of ioctl(2) that has two names is looked up by the first, under which its argument's name must stand.
func TestIoctlNamesAreCommands(t *testing.T) {
	table := ByName("amd64").table(tbIoctlops)
	for op := range ioctlNames {
		if v, ok := table.Value(op); !ok || table.Lookup(v) != op {
			t.Errorf("%s: its number is %#x, %v, and that is %q", op, v, ok, table.Lookup(v))
		}
	}
}

func TestArgNames(t *testing.T) {
	for _, c := range []struct {
		call string
		args [6]uint64
		want string
	}{
		{"prctl", [6]uint64{15, 0x1000}, "op name"}, // PR_SET_NAME
		{"prctl", [6]uint64{38, 1}, "op set arg3 arg4 arg5"},
		{"prctl", [6]uint64{22, 2, 0x1000}, "op mode filter"},
		{"prctl", [6]uint64{22, 0}, "op mode arg3 arg4 arg5"},
		{"prctl", [6]uint64{62, 0, 1, 0, 0x1000}, "op operation pid pid_type cookie"},
		{"prctl", [6]uint64{62, 1, 1, 0, 0x1000}, "op operation pid pid_type arg5"},
		{"prctl", [6]uint64{1 << 40, 1}, "op arg2 arg3 arg4 arg5"},
		{"keyctl", [6]uint64{5, 1, 2}, "operation key perms"},
		{"futex", [6]uint64{0x1000, 3 | 128, 1, 2, 0x2000}, "uaddr futex_op val val2 uaddr2"},
		{"io_uring_enter", [6]uint64{3, 0, 0, 8, 0, 24}, "fd to_submit min_complete flags arg argsz"},
		{"io_uring_enter", [6]uint64{3, 0, 0, 64, 0, 24}, "fd to_submit min_complete flags arg argsz"},
		{"io_uring_enter", [6]uint64{3, 0, 0, 72, 0, 8}, "fd to_submit min_complete flags sigset sigsetsize"},
		{"io_uring_enter", [6]uint64{3, 0, 0, 1, 0, 8}, "fd to_submit min_complete flags sigset sigsetsize"},
		{"futex", [6]uint64{0x1000, 0, 1, 0}, "uaddr futex_op val timeout"},
		{"ioctl", [6]uint64{3, 0x40049409, 4}, "fd op src_fd"}, // BTRFS_IOC_CLONE, FICLONE
		{"ioctl", [6]uint64{3, 0x5413, 4}, "fd op argp"},       // TIOCGWINSZ
	} {
		abi := ByName("amd64")
		nr, _ := abi.Number(c.call)
		ev := Event{TID: 1, PID: 1, ABI: abi, Nr: nr, Args: c.args, Verbose: true}
		var d Decoder
		d.Enter(&ev, noMemory{})
		ev.Returned, ev.Errno = true, 22
		d.Exit(&ev, noMemory{})
		var got []string
		for i := uint32(0); i < uint32(len(ev.Nodes)); i = ev.Nodes[i].End {
			got = append(got, ev.Nodes[i].Name)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s(%#x): %s, want %s", c.call, c.args[0], s, c.want)
		}
	}
}

type noMemory struct{}

func (noMemory) ReadMemory(uint64, []byte) int                { return 0 }
func (noMemory) AppendFD(dst []byte, _ int32) []byte          { return dst }
func (noMemory) AppendPID(dst []byte, _ Kind, _ int32) []byte { return dst }
