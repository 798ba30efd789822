package print

import (
	"testing"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

// TestLinesOfSplitCalls makes calls of which an argument is in two parts, with another task in
// between, as strace 7.2 shows them.
func TestLinesOfSplitCalls(t *testing.T) {
	const siocgifmtu, siocgifconf, iorf0 = 0x8921, 0x8912, 0x8004f011
	name := func() memory {
		return append(append(memory("eth0"), make(memory, 12)...), append(memory{0xdc, 5}, make(memory, 22)...)...)
	}
	for _, tt := range []struct {
		name   string
		call   string
		args   []uint64
		mem    memory
		change func(memory)
		end    func(*syscalls.Event)
		set    func(*Lines)
		v      bool // -v
		want   string
	}{
		{name: "a field", call: "ioctl", args: []uint64{3, siocgifmtu, area}, mem: name(), want: `[pid     7] ioctl(3, SIOCGIFMTU, {ifr_name="eth0" <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>, ifr_mtu=1500}) = 0
`},
		{name: "names of arguments", call: "ioctl", args: []uint64{3, siocgifmtu, area}, mem: name(), set: func(l *Lines) { l.Text.ArgNames = true }, want: `[pid     7] ioctl(fd=3, op=SIOCGIFMTU, argp={ifr_name="eth0" <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>, ifr_mtu=1500}) = 0
`},
		{name: "it failed", call: "ioctl", args: []uint64{3, siocgifmtu, area}, mem: name(), end: func(ev *syscalls.Event) { ev.Errno = 19 }, want: `[pid     7] ioctl(3, SIOCGIFMTU, {ifr_name="eth0" <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>})       = -1 ENODEV (No such device)
`},
		{name: "it was killed", call: "ioctl", args: []uint64{3, siocgifmtu, area}, mem: name(), end: func(ev *syscalls.Event) { ev.Returned = false }, want: `[pid     7] ioctl(3, SIOCGIFMTU, {ifr_name="eth0" <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed> <unfinished ...>) = ?
`},
		{name: "the name of a field", call: "ioctl", args: []uint64{3, siocgifconf, area}, mem: words(0, 0), change: func(m memory) { m[0] = 40 }, want: `[pid     7] ioctl(3, SIOCGIFCONF, {ifc_len= <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>40 /* 1 * sizeof(struct ifreq) */, ifc_buf=NULL}) = 0
`},
		{name: "a comma", call: "shmctl", args: []uint64{1, 2, 5}, end: func(ev *syscalls.Event) { ev.Errno = 22 }, want: `[pid     7] shmctl(1, IPC_STAT,  <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... shmctl resumed>0x5)    = -1 EINVAL (Invalid argument)
`},
		{name: "bytes that a command without a description fills in", call: "ioctl", args: []uint64{3, iorf0, area}, mem: words(5), v: true, want: `[pid     7] ioctl(3, _IOC(_IOC_READ, 0xf0, 0x11, 0x4),  <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>"\x05\x00\x00\x00") = 0
`},
		{name: "no address of such", call: "ioctl", args: []uint64{3, iorf0, 0}, v: true, want: `[pid     7] ioctl(3, _IOC(_IOC_READ, 0xf0, 0x11, 0x4), 0 <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... ioctl resumed>)        = 0
`},
		{name: "a number", call: "sendfile", args: []uint64{1, 2, area, 9}, mem: words(5), change: func(m memory) { m[0] = 8 }, want: `[pid     7] sendfile(1, 2, [5 <unfinished ...>
[pid     8] getpgrp()                   = 0
[pid     7] <... sendfile resumed> => 8], 9) = 0
`},
		{name: "in one line", call: "ioctl", args: []uint64{3, siocgifmtu, area}, mem: name(), set: func(l *Lines) { l.Whole = true }, want: `[pid     8] getpgrp()                   = 0
[pid     7] ioctl(3, SIOCGIFMTU, {ifr_name="eth0", ifr_mtu=1500}) = 0
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(tt.set)
			abi := syscalls.ByID(syscalls.AMD64)
			nr, _ := abi.Number(tt.call)
			ev := &syscalls.Event{TID: 7, PID: 7, ABI: abi, Nr: nr, Abbrev: !tt.v, Verbose: true}
			copy(ev.Args[:], tt.args)
			var d syscalls.Decoder
			d.Enter(ev, tt.mem)
			s.lines.Enter(ev)
			other := plainCall(8, syscalls.AMD64, "getpgrp")
			s.lines.Enter(other)
			s.lines.Exit(other)
			ev.Returned = true
			if tt.change != nil {
				tt.change(tt.mem)
			}
			if tt.end != nil {
				tt.end(ev)
			}
			d.Exit(ev, tt.mem)
			s.lines.Exit(ev)
			if diff := cmp.Diff(tt.want, s.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
