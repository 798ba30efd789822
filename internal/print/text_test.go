package print

import (
	"encoding/json"
	"testing"
	"time"

	"strait/syscalls"
)

// neg is a negative number as nodes hold it.
func neg(v int64) uint64 { return uint64(v) }

var protTable = syscalls.Table{Prefix: "PROT_", Entries: []syscalls.Entry{
	{Name: "PROT_NONE", Val: 0}, {Name: "PROT_READ", Val: 1}, {Name: "PROT_WRITE", Val: 2}, {Name: "PROT_GROWSDOWN", Val: 0x1000000},
}}

var accessTable = syscalls.Table{Prefix: "?_OK", Entries: []syscalls.Entry{{Name: "F_OK", Val: 0}, {Name: "R_OK", Val: 4}}}

var cloneTable = syscalls.Table{Prefix: "CLONE_", Entries: []syscalls.Entry{{Name: "CLONE_NEWUSER", Val: 0x10000000}}}

var limitTable = syscalls.Table{Prefix: "RLIM64_", Sorted: []uint16{0}, Entries: []syscalls.Entry{{Name: "RLIM64_INFINITY", Val: 1<<64 - 1}}}

// What strace 7.2 prints for these values under -X abbrev, raw and verbose.
func TestNumbers(t *testing.T) {
	n := func(k syscalls.Kind, v uint64, width uint8) syscalls.Node {
		return syscalls.Node{Kind: k, Val: v, Width: width}
	}
	of := func(k syscalls.Kind, v uint64, width uint8, tab *syscalls.Table, f syscalls.NodeFlags) syscalls.Node {
		return syscalls.Node{Kind: k, Val: v, Width: width, Table: tab, Flags: f}
	}
	for _, test := range []struct {
		node                 syscalls.Node
		abbrev, raw, verbose string // raw and verbose: like abbrev if empty
	}{
		{n(syscalls.Int, neg(-1), 4), "-1", "", ""},
		{n(syscalls.Uint, neg(-1), 4), "4294967295", "", ""},
		{n(syscalls.Uint, neg(-1), 8), "18446744073709551615", "", ""},
		{n(syscalls.Hex, neg(-1), 4), "0xffffffff", "", ""},
		{n(syscalls.Hex, 0, 4), "0", "", ""},
		{of(syscalls.Hex, 0, 4, nil, syscalls.PadHex), "00000000", "", ""},
		{of(syscalls.Hex, 1, 4, nil, syscalls.PadHex), "0x000001", "", ""},
		{n(syscalls.Oct, 0o22, 4), "022", "", ""},
		{n(syscalls.Addr, 0, 8), "NULL", "", ""},
		{n(syscalls.Addr, neg(-1), 8), "0xffffffffffffffff", "", ""},
		{n(syscalls.Addr, neg(-1), 4), "0xffffffff", "", ""},
		{n(syscalls.FD, neg(-1), 4), "-1", "", ""},
		{n(syscalls.DirFD, neg(-100), 4), "AT_FDCWD", "-100", "-100 /* AT_FDCWD */"},
		{n(syscalls.DirFD, 0xffffff9c, 4), "AT_FDCWD", "-100", "-100 /* AT_FDCWD */"},
		{n(syscalls.ID, 0xffffffff, 4), "-1", "", ""},
		{n(syscalls.ID, 0xffff, 2), "-1", "", ""},
		{n(syscalls.ID, 0xffff, 4), "65535", "", ""},
		{n(syscalls.Mode, 0o100644, 4), "S_IFREG|0644", "0100644", "0100644 /* S_IFREG|0644 */"},
		{n(syscalls.Mode, 0o100000, 4), "S_IFREG|000", "0100000", "0100000 /* S_IFREG|000 */"},
		{n(syscalls.Mode, 0xffff8000, 2), "S_IFREG|000", "0100000", "0100000 /* S_IFREG|000 */"},
		{n(syscalls.Mode, 0xffff8000, 4), "S_IFREG|037777600000", "037777700000", "037777700000 /* S_IFREG|037777600000 */"},
		{n(syscalls.Mode, 0o7777, 4), "S_ISUID|S_ISGID|S_ISVTX|0777", "07777", "07777 /* S_ISUID|S_ISGID|S_ISVTX|0777 */"},
		{n(syscalls.Mode, 0o177644, 4), "0177644", "", ""},
		{n(syscalls.Perm, 0, 4), "000", "", ""},
		{n(syscalls.Perm, 7, 4), "007", "", ""},
		{n(syscalls.Perm, 0o7777, 4), "07777", "", ""},
		{n(syscalls.Perm, 0xffff8fff, 4), "0107777", "", ""},
		{n(syscalls.Dev, 0xabcd1234, 4), "makedev(0xd12, 0xabc34)", "0xabcd1234", "0xabcd1234 /* makedev(0xd12, 0xabc34) */"},
		{n(syscalls.Dev, 0xfe00, 8), "makedev(0xfe, 0)", "0xfe00", "0xfe00 /* makedev(0xfe, 0) */"},
		{n(syscalls.Sig, 0, 4), "0", "", ""},
		{n(syscalls.Sig, neg(-1), 4), "-1", "", ""},
		{n(syscalls.Sig, 65, 4), "65", "", ""},
		{n(syscalls.Sig, 29, 4), "SIGIO", "29", "29 /* SIGIO */"},
		{n(syscalls.Sig, 32, 4), "SIGRTMIN", "32", "32 /* SIGRTMIN */"},
		{n(syscalls.Sig, 64, 4), "SIGRT_32", "64", "64 /* SIGRT_32 */"},
		{of(syscalls.Flags, 3, 4, &protTable, 0), "PROT_READ|PROT_WRITE", "0x3", "0x3 /* PROT_READ|PROT_WRITE */"},
		{of(syscalls.Flags, 0, 4, &protTable, 0), "PROT_NONE", "0", "0 /* PROT_NONE */"},
		{of(syscalls.Flags, 0x101, 4, &protTable, 0), "PROT_READ|0x100", "0x101", "0x101 /* PROT_READ|0x100 */"},
		{of(syscalls.Flags, 0x10, 4, &protTable, 0), "0x10 /* PROT_??? */", "0x10", "0x10 /* PROT_??? */"},
		{of(syscalls.Flags, 8, 4, &accessTable, 0), "0x8 /* ?_OK */", "0x8", "0x8 /* ?_OK */"},
		{of(syscalls.Flags, 0, 4, &cloneTable, 0), "0", "0", "0"},
		{of(syscalls.Flags, 1|0x40000000, 4, &openTable, 0), "O_WRONLY|0x40000000", "0x40000001", "0x40000001 /* O_WRONLY|0x40000000 */"},
		{of(syscalls.Flags, 0o100, 4, &openTable, 0), "O_RDONLY|O_CREAT", "0x40", "0x40 /* O_RDONLY|O_CREAT */"},
		{of(syscalls.Enum, 1, 4, &whenceTable, syscalls.HexVal), "SEEK_CUR", "0x1", "0x1 /* SEEK_CUR */"},
		{of(syscalls.Enum, 0, 4, &whenceTable, syscalls.HexVal), "SEEK_SET", "0", "0 /* SEEK_SET */"},
		{of(syscalls.Enum, 0x63, 4, &whenceTable, syscalls.HexVal), "0x63 /* SEEK_??? */", "0x63", "0x63 /* SEEK_??? */"},
		{of(syscalls.Enum, neg(-6), 4, &whenceTable, syscalls.HexVal), "0xfffffffa /* SEEK_??? */", "0xfffffffa", "0xfffffffa /* SEEK_??? */"},
		{of(syscalls.Enum, neg(-3), 4, &whenceTable, 0), "-3 /* SEEK_??? */", "-3", "-3 /* SEEK_??? */"},
		{of(syscalls.Enum, neg(-1), 8, &limitTable, 0), "RLIM64_INFINITY", "18446744073709551615", "18446744073709551615 /* RLIM64_INFINITY */"},
		{n(syscalls.Kilo, 8<<20, 8), "8192*1024", "8388608", "8388608 /* 8192*1024 */"},
		{n(syscalls.Port, 80, 2), "htons(80)", `"\x00\x50"`, `"\x00\x50" /* htons(80) */`},
		{n(syscalls.BE16, 0x800, 2), "htons(0x800)", `"\x08\x00"`, `"\x08\x00" /* htons(0x800) */`},
		{n(syscalls.BE32, 67305985, 4), "htonl(67305985)", `"\x04\x03\x02\x01"`, `"\x04\x03\x02\x01" /* htonl(67305985) */`},
		{n(syscalls.IP4, 0x7f000001, 4), `inet_addr("127.0.0.1")`, `"\x7f\x00\x00\x01"`, `"\x7f\x00\x00\x01" /* inet_addr("127.0.0.1") */`},
		{syscalls.Node{Kind: syscalls.Vars, Val: 0x7f00, Len: 39}, "0x7f00 /* 39 vars */", "", ""},
		{syscalls.Node{Kind: syscalls.Vars, Val: 0x7f00, Len: 1}, "0x7f00 /* 1 var */", "", ""},
		{syscalls.Node{Kind: syscalls.Entries, Val: 0x7f00, Len: 14}, "0x7f00 /* 14 entries */", "", ""},
		{syscalls.Node{Kind: syscalls.Entries, Val: 0x7f00, Flags: syscalls.Cut}, "0x7f00 /* 0+ entries */", "", ""},
		{n(syscalls.Unread, 0x7f00, 8), "... /* 0x7f00 */", "", ""},
		{n(syscalls.WaitStatus, 0x700, 4), "{WIFEXITED(s) && WEXITSTATUS(s) == 7}", "", ""},
		{n(syscalls.WaitStatus, 6, 4), "{WIFSIGNALED(s) && WTERMSIG(s) == SIGABRT}", "", ""},
		{n(syscalls.WaitStatus, 0x8b, 4), "{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}", "", ""},
		{n(syscalls.WaitStatus, 0x137f, 4), "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}", "", ""},
		{n(syscalls.WaitStatus, 0xffff, 4), "{WIFCONTINUED(s)}", "", ""},
		{n(syscalls.ClockTicks, 0, 8), "0", "", ""},
		{n(syscalls.ClockTicks, 4, 8), "4 /* 0.04 s */", "4", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: 0, Len: 5, Flags: syscalls.IsNsec}, " /* 1970-01-01T00:00:00.000000005+0000 */", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: neg(-1), Flags: syscalls.IsNsec}, " /* 1969-12-31T23:59:59+0000 */", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: 7, Len: 5}, " /* 1970-01-01T00:00:07.000005+0000 */", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: neg(-1), Len: 1e9, Flags: syscalls.IsNsec}, "", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: 0, Flags: syscalls.IsNsec}, "", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: 1 << 60, Flags: syscalls.IsNsec}, "", "", ""},
		{syscalls.Node{Kind: syscalls.Date, Val: 1 << 40, Flags: syscalls.IsNsec}, " /* 36812-02-20T00:36:16+0000 */", "", ""},
	} {
		want := [...]string{test.abbrev, test.raw, test.verbose}
		for style, want := range want {
			if want == "" {
				want = test.abbrev
			}
			text := Text{Xlat: XlatStyle(style), Location: time.UTC}
			nodes := tree([]syscalls.Node{test.node}, nil)
			if got := string(text.node(nil, &syscalls.Event{}, nodes, 0)); got != want {
				t.Errorf("%s %#x, style %d: got %s, want %s", kindNames[test.node.Kind], test.node.Val, style, got, want)
			}
		}
	}
}

func TestStrings(t *testing.T) {
	for _, test := range []struct {
		p     string
		flags syscalls.NodeFlags
		hex   HexStyle
		want  string
	}{
		{"abc\x001\x00x\xff\x7f\x7f7\x00\x00", 0, HexNone, `"abc\0001\0x\377\177\1777\0\0"`},
		{"\a\b\v\f\r\x1b", 0, HexNone, `"\7\10\v\f\r\33"`},
		{"\x1b8", 0, HexNone, `"\338"`},
		{"/x\n\"q\\<>\t", syscalls.IsPath, HexNone, `"/x\n\"q\\<>\t"`},
		{"a\x80\n", 0, HexNonASCIIChars, `"a\x80\n"`},
		{"a\x80\n", 0, HexNonASCII, `"\x61\x80\x0a"`},
		{"\tab\r\v", 0, HexNonASCII, `"\tab\r\v"`},
		{"\x7f", 0, HexNonASCII, `"\x7f"`},
		{"ab", 0, HexAll, `"\x61\x62"`},
		{"", 0, HexAll, `""`},
		{"ab", syscalls.ForceHex, HexNone, `"\x61\x62"`},
		{"root", syscalls.Cut, HexNone, `"root"...`},
		{"abc\ndef\x00", syscalls.Abstract, HexNone, `@"abc\ndef\0"`},
	} {
		ev := &syscalls.Event{}
		text := Text{Hex: test.hex}
		nodes := tree([]syscalls.Node{bytesNode(ev, syscalls.Str, "", test.p, test.flags)}, nil)
		if got := string(text.node(nil, ev, nodes, 0)); got != test.want {
			t.Errorf("%q, hex %d: got %s, want %s", test.p, test.hex, got, test.want)
		}
	}
}

// TestNULBehind: the NUL at the end of an attribute's value is one of its bytes in
// hexadecimal, and makes a string one that is written so.
func TestNULBehind(t *testing.T) {
	for _, test := range []struct {
		p     string // with the NUL
		flags syscalls.NodeFlags
		hex   HexStyle
		want  string
	}{
		{"ab\x00", 0, HexNone, `"ab"`},
		{"ab\x00", syscalls.Cut, HexNone, `"ab"`},
		{"ab\x00", 0, HexNonASCIIChars, `"ab"`},
		{"ab\x00", 0, HexNonASCII, `"\x61\x62\x00"`},
		{"ab\x00", syscalls.Cut, HexNonASCII, `"\x61\x62\x00"...`},
		{"\x00", 0, HexAll, `"\x00"`},
	} {
		ev := &syscalls.Event{}
		n := bytesNode(ev, syscalls.Str, "", test.p, test.flags|syscalls.NULBehind)
		n.Len--
		text := Text{Hex: test.hex}
		if got := string(text.node(nil, ev, tree([]syscalls.Node{n}, nil), 0)); got != test.want {
			t.Errorf("%q, hex %d: got %s, want %s", test.p, test.hex, got, test.want)
		}
	}
	ev := &syscalls.Event{}
	n := bytesNode(ev, syscalls.Str, "", "ab\x00", syscalls.NULBehind)
	n.Len, n.Val = n.Len-1, 1
	for hex, want := range []string{HexNone: `"ab"`, HexAll: `"\x61\x62\x00"...`} {
		text := Text{Hex: HexStyle(hex)}
		if got := string(text.node(nil, ev, tree([]syscalls.Node{n}, nil), 0)); want != "" && got != want {
			t.Errorf("a netlink string, hex %d: got %s, want %s", hex, got, want)
		}
	}
}

func TestDescriptors(t *testing.T) {
	for _, test := range []struct {
		path string
		hex  HexStyle
		want string
	}{
		{"/etc/passwd", HexNone, "3</etc/passwd>"},
		{"/q\"<>\\\n\x01\xff", HexNone, `3</q\"\74\76\\\n\1\377>`},
		{"/q<\x01", HexNonASCIIChars, `3</q\x3c\x01>`},
		{"/q<\x01", HexNonASCII, `3<\x2f\x71\x3c\x01>`},
		{"/gone (deleted)", HexNone, "3</gone>(deleted)"},
		{"socket:[5]", HexNone, "3<socket:[5]>"},
		{"/dev/<\x00<char 1:3>", HexNone, `3</dev/\74<char 1:3>>`},
		{"\x00TCP:[127.0.0.1:1->127.0.0.1:2]", HexNone, "3<TCP:[127.0.0.1:1->127.0.0.1:2]>"},
	} {
		ev := &syscalls.Event{}
		n := bytesNode(ev, syscalls.FD, "", test.path, syscalls.HasFD)
		n.Val = 3
		text := Text{Hex: test.hex}
		if got := string(text.node(nil, ev, tree([]syscalls.Node{n}, nil), 0)); got != test.want {
			t.Errorf("%q: got %s, want %s", test.path, got, test.want)
		}
	}
}

func TestSignalSets(t *testing.T) {
	first := func(n int) string {
		v := uint64(1)<<n - 1
		var p [8]byte
		for i := range p {
			p[i] = byte(v >> (8 * i))
		}
		return string(p[:])
	}
	for _, test := range []struct {
		set                  string
		abbrev, raw, verbose string
	}{
		{first(0), "[]", "[]", "[]"},
		{first(2), "[HUP INT]", "[1 2]", "[1 /* HUP */ 2 /* INT */]"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff", "~[]", "~[]", "~[]"},
		{"\xff\xff\xfe\xff\xff\xff\xff\xff", "~[CHLD]", "~[17]", "~[17 /* CHLD */]"},
	} {
		for style, want := range [...]string{test.abbrev, test.raw, test.verbose} {
			ev := &syscalls.Event{}
			text := Text{Xlat: XlatStyle(style)}
			nodes := tree([]syscalls.Node{bytesNode(ev, syscalls.SigSet, "", test.set, 0)}, nil)
			if got := string(text.node(nil, ev, nodes, 0)); got != want {
				t.Errorf("%q, style %d: got %s, want %s", test.set, style, got, want)
			}
		}
	}
	// The complement is shown from 42 members on.
	for n, inverted := range map[int]bool{41: false, 42: true} {
		ev := &syscalls.Event{}
		nodes := tree([]syscalls.Node{bytesNode(ev, syscalls.SigSet, "", first(n), 0)}, nil)
		if got := new(Text).node(nil, ev, nodes, 0); (got[0] == '~') != inverted {
			t.Errorf("%d members: got %s", n, got)
		}
	}
}

// Containers, with the flat nodes of each written in order.
func TestContainers(t *testing.T) {
	ev := &syscalls.Event{}
	ip6 := bytesNode(ev, syscalls.IP6, "sin6_addr", "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 0)
	for _, test := range []struct {
		nodes                []syscalls.Node
		size                 map[int]int
		abbrev, raw, verbose string
	}{
		{
			[]syscalls.Node{{Kind: syscalls.Ptr, Val: 9}, {Kind: syscalls.Struct}, {Kind: syscalls.Int, Name: "a", Val: 1}, {Kind: syscalls.More}},
			map[int]int{0: 3, 1: 2},
			"{a=1, ...}", "", "",
		},
		{
			[]syscalls.Node{{Kind: syscalls.Array}, {Kind: syscalls.Int, Val: 16}, {Kind: syscalls.Int, Val: 28, Flags: syscalls.Arrow}},
			map[int]int{0: 2},
			"[16 => 28]", "", "",
		},
		{
			[]syscalls.Node{{Kind: syscalls.BitArray}, {Kind: syscalls.FD, Val: 3}, {Kind: syscalls.FD, Val: 5}},
			map[int]int{0: 2},
			"[3 5]", "", "",
		},
		{
			[]syscalls.Node{
				{Kind: syscalls.BitArray, Flags: syscalls.Styled},
				{Kind: syscalls.Flags, Val: 1, Width: 4, Table: &protTable},
				{Kind: syscalls.Array},
				{Kind: syscalls.Hex, Val: 1, Width: 8},
			},
			map[int]int{0: 3, 2: 1},
			"[PROT_READ]", "[0x1]", "[0x1 /* PROT_READ */] /* [0x1] */",
		},
		{
			[]syscalls.Node{{Kind: syscalls.OrList, Val: 0x10000011, Width: 8}, {Kind: syscalls.Flags, Val: 0x10000000, Width: 8, Table: &cloneTable}, {Kind: syscalls.Sig, Val: 17}},
			map[int]int{0: 2},
			"CLONE_NEWUSER|SIGCHLD", "0x10000000|17", "0x10000000 /* CLONE_NEWUSER */|17 /* SIGCHLD */",
		},
		{
			[]syscalls.Node{{Kind: syscalls.OrList, Val: 0x40000001, Width: 4}, {Kind: syscalls.Flags, Val: 1, Table: &protTable}, {Kind: syscalls.Shifted, Val: 16, Name: "MAP_HUGE_SHIFT"}},
			map[int]int{0: 2},
			"PROT_READ|16<<MAP_HUGE_SHIFT", "0x40000001", "0x40000001 /* PROT_READ|16<<MAP_HUGE_SHIFT */",
		},
		{
			[]syscalls.Node{{Kind: syscalls.Struct}, {Kind: syscalls.Enum, Name: "f", Val: 1, Table: &whenceTable, Flags: syscalls.HexVal}, ip6},
			map[int]int{0: 2},
			`{f=SEEK_CUR, inet_pton(AF_INET6, "fe80::1", &sin6_addr)}`,
			`{f=0x1, sin6_addr="\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"}`,
			`{f=0x1 /* SEEK_CUR */, sin6_addr="\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" /* inet_pton(AF_INET6, "fe80::1") */}`,
		},
		{
			[]syscalls.Node{
				{Kind: syscalls.Struct},
				{Kind: syscalls.Int, Name: "st_atime", Val: 7, Flags: syscalls.IsTime},
				{Kind: syscalls.Uint, Name: "st_atime_nsec", Val: 999999999},
				{Kind: syscalls.Int, Name: "st_mtime", Val: 0, Flags: syscalls.IsTime},
				{Kind: syscalls.Uint, Name: "st_mtime_nsec", Val: 0},
			},
			map[int]int{0: 4},
			"{st_atime=7 /* 1970-01-01T00:00:07.999999999+0000 */, st_atime_nsec=999999999, st_mtime=0, st_mtime_nsec=0}", "", "",
		},
		{
			[]syscalls.Node{{Kind: syscalls.Func, Name: "FD_TO_CLOCKID"}, {Kind: syscalls.FD, Val: 3}, {Kind: syscalls.Comment, Flags: syscalls.Attach}, {Kind: syscalls.Lit, Name: "x"}},
			map[int]int{0: 3, 2: 1},
			"FD_TO_CLOCKID(3 /* x */)", "", "",
		},
	} {
		for style, want := range [...]string{test.abbrev, test.raw, test.verbose} {
			if want == "" {
				want = test.abbrev
			}
			text := Text{Xlat: XlatStyle(style), Location: time.UTC}
			if got := string(text.node(nil, ev, tree(test.nodes, test.size), 0)); got != want {
				t.Errorf("style %d: got  %s\nwant %s", style, got, want)
			}
		}
	}
}

func TestResults(t *testing.T) {
	for _, test := range []struct {
		ev   syscalls.Event
		want string
	}{
		{syscalls.Event{}, "?"},
		{syscalls.Event{Returned: true, Ret: -5000}, "18446744073709546616"},
		{syscalls.Event{ABI: syscalls.ByID(syscalls.I386), Returned: true, Ret: -5000, RetNodes: tree([]syscalls.Node{{Kind: syscalls.Int}}, nil)}, "4294962296"},
		{syscalls.Event{ABI: syscalls.ByID(syscalls.AMD64), Returned: true, Ret: 0x7ffff7fbd000, RetNodes: tree([]syscalls.Node{{Kind: syscalls.Int, Val: 0xfffffffff7fbd000, Width: 4}}, nil)}, "140737353863168"},
		{syscalls.Event{Returned: true, Ret: -2, Errno: 2}, "-1 ENOENT (No such file or directory)"},
		{syscalls.Event{Returned: true, Ret: -41, Errno: 41}, "-1 (errno 41)"},
		{syscalls.Event{Returned: true, Errno: 512}, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
		{syscalls.Event{Returned: true, Errno: 513}, "? ERESTARTNOINTR (To be restarted)"},
		{syscalls.Event{Returned: true, Errno: 514}, "? ERESTARTNOHAND (To be restarted if no handler)"},
		{syscalls.Event{Returned: true, Errno: 515}, "-1 ENOIOCTLCMD (Unknown error 515)"},
		{syscalls.Event{Returned: true, Errno: 516}, "? ERESTART_RESTARTBLOCK (Interrupted by signal)"},
		{syscalls.Event{Returned: true, Errno: 532}, "-1 (errno 532)"},
		{syscalls.Event{Returned: true, Raw: true, Ret: 0x5b70}, "0x5b70"},
		{syscalls.Event{ABI: syscalls.ByID(syscalls.I386), Returned: true, Raw: true, Ret: -0x8003000}, "0xf7ffd000"},
		{syscalls.Event{ABI: syscalls.ByID(syscalls.AMD64), Returned: true, Raw: true, Ret: -0x8003000}, "0xfffffffff7ffd000"},
		{syscalls.Event{Returned: true, Ret: 0x7f00, RetNodes: tree([]syscalls.Node{{Kind: syscalls.Addr, Val: 0x7f00, Width: 8}}, nil)}, "0x7f00"},
		{syscalls.Event{Returned: true, RetNodes: tree([]syscalls.Node{{Kind: syscalls.Int}, {Kind: syscalls.Lit, Name: "Timeout"}}, nil)}, "0 (Timeout)"},
		{syscalls.Event{Returned: true, RetNodes: tree([]syscalls.Node{
			{Kind: syscalls.Int}, {Kind: syscalls.Enum, Table: &whenceTable, Flags: syscalls.InWords},
		}, nil)}, "0 (SEEK_SET)"},
		{syscalls.Event{Returned: true, RetNodes: tree([]syscalls.Node{
			{Kind: syscalls.Hex, Val: 1}, {Kind: syscalls.Lit, Name: "flags "}, {Kind: syscalls.Flags, Val: 1, Table: &protTable, Flags: syscalls.Attach},
		}, nil)}, "0x1 (flags 0x1 /* PROT_READ */)"},
		{syscalls.Event{Returned: true, RetNodes: tree([]syscalls.Node{
			{Kind: syscalls.Hex, Val: 1}, {Kind: syscalls.Lit, Name: "flags "}, {Kind: syscalls.Flags, Val: 1, Table: &openTable, Flags: syscalls.Attach},
		}, nil)}, "0x1 (flags O_WRONLY)"},
	} {
		text := Text{Xlat: XlatVerbose}
		if got := string(text.AppendResult(nil, &test.ev)); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
	for in, want := range map[syscalls.Injection]string{
		0:                       "",
		syscalls.InjectedResult: " (INJECTED)",
		syscalls.InjectedDelay:  " (DELAYED)",
		syscalls.InjectedResult | syscalls.InjectedDelay: " (INJECTED) (DELAYED)",
		syscalls.InjectedArgs:                            " (INJECTED: args)",
		syscalls.InjectedArgs | syscalls.InjectedRetvals: " (INJECTED: args)",
	} {
		if got := string(new(Text).AppendInjected(nil, in)); got != want {
			t.Errorf("injection %d: got %q, want %q", in, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		abi  syscalls.ABIID
		nr   uint64
		want string
	}{
		{syscalls.AMD64, 0, "read"},
		{syscalls.AMD64, 0xbad, "syscall_0xbad"},
		{syscalls.I386, 0xbad, "syscall_0xbad"},
		{syscalls.X32, 39, "getpid"},
		{syscalls.X32, 0xbad, "syscall_0x40000bad"},
		{syscalls.X32, 13, "rt_sigaction#64"},
	} {
		abi := syscalls.ByID(test.abi)
		ev := &syscalls.Event{ABI: abi, Nr: test.nr, Call: abi.Call(test.nr)}
		if got := string(AppendName(nil, ev)); got != test.want {
			t.Errorf("%s %d: got %s, want %s", abi.Name, test.nr, got, test.want)
		}
	}
}

func TestTextAllocates(t *testing.T) {
	buf := make([]byte, 0, 1<<16)
	for _, colors := range []*Colors{nil, NewColors("")} {
		for style := XlatAbbrev; style <= XlatVerbose; style++ {
			text := &Text{Xlat: style, Color: colors, Location: time.UTC}
			for _, ev := range []*syscalls.Event{openEvent(), everyKind()} {
				ev.EnterEnd = len(ev.Nodes) / 2
				n := testing.AllocsPerRun(100, func() {
					text.AppendResult(text.AppendArgs(text.AppendEnter(buf, ev), ev), ev)
				})
				if n != 0 {
					t.Errorf("style %d: %v allocations", style, n)
				}
			}
		}
	}
}

func TestArgumentNames(t *testing.T) {
	abi := syscalls.ByID(syscalls.AMD64)
	registers := tree([]syscalls.Node{{Kind: syscalls.Hex, Val: 0, Width: 8}, {Kind: syscalls.Hex, Val: 5, Width: 8}}, nil)
	for _, test := range []struct {
		ev   *syscalls.Event
		want string
	}{
		{openEvent(), `openat(dirfd=AT_FDCWD, pathname="a\"\n\377", flags=O_WRONLY|O_CREAT|0x40000000, mode=0644`},
		{&syscalls.Event{ABI: abi, Nr: 500, Nodes: registers, EnterEnd: 2}, "syscall_0x1f4(arg1=0, arg2=0x5"},
		{&syscalls.Event{ABI: abi, Call: abi.Call(3), Nr: 3, Raw: true, Nodes: registers, EnterEnd: 2}, "close(arg1=0, arg2=0x5"},
	} {
		text := Text{ArgNames: true}
		if got := string(text.AppendEnter(nil, test.ev)); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// Containers may be empty where a call had more nodes than there is room for.
func TestContainersWithoutRoom(t *testing.T) {
	ev := &syscalls.Event{}
	for k := syscalls.Struct; k <= syscalls.Ptr; k++ {
		for _, f := range []syscalls.NodeFlags{0, syscalls.Styled, syscalls.AllNames} {
			if k == syscalls.Struct && f == syscalls.Styled || k > syscalls.Labelled && k != syscalls.Ptr {
				continue
			}
			for _, child := range [][]syscalls.Node{nil, {{Kind: syscalls.More}}} {
				nodes := tree(append([]syscalls.Node{{Kind: k, Flags: f, Name: "n", Len: 1}}, child...), map[int]int{0: len(child)})
				for x := XlatAbbrev; x <= XlatVerbose; x++ {
					text := Text{Xlat: x}
					text.node(nil, ev, nodes, 0)
				}
				if !json.Valid(jsonNode(nil, ev, nodes, 0)) {
					t.Errorf("kind %d: %s", k, jsonNode(nil, ev, nodes, 0))
				}
			}
		}
	}
}
