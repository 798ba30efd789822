package print

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"strait/syscalls"
)

var openTable = syscalls.Table{Name: "open", Prefix: "O_", Entries: []syscalls.Entry{
	{Name: "O_RDONLY", Val: 0, Mask: 3}, {Name: "O_WRONLY", Val: 1, Mask: 3}, {Name: "O_CREAT", Val: 0o100},
}}

var whenceTable = syscalls.Table{Name: "whence", Prefix: "SEEK_", Sorted: []uint16{0, 1}, Entries: []syscalls.Entry{
	{Name: "SEEK_SET", Val: 0}, {Name: "SEEK_CUR", Val: 1},
}}

// bytesNode makes a node of bytes in ev's arena.
func bytesNode(ev *syscalls.Event, kind syscalls.Kind, name, p string, flags syscalls.NodeFlags) syscalls.Node {
	off, n := ev.Keep([]byte(p))
	return syscalls.Node{Kind: kind, Name: name, Off: off, Len: n, Flags: flags}
}

// tree gives flat nodes without children their End, and those with size[i]
// children theirs.
func tree(nodes []syscalls.Node, size map[int]int) []syscalls.Node {
	for i := range nodes {
		nodes[i].End = uint32(i + 1 + size[i])
	}
	return nodes
}

// everyKind is an event with a node of each kind.
func everyKind() *syscalls.Event {
	ev := &syscalls.Event{TID: 8, PID: 7, Mono: 5, Wall: 6, MonoExit: 15, Returned: true, ABI: syscalls.ByID(syscalls.AMD64), Nr: 9999}
	for k := syscalls.None; k <= syscalls.Ptr; k++ {
		if inArena(k) {
			ev.Nodes = append(ev.Nodes, bytesNode(ev, k, "n", "0123456789abcdef", 0))
			continue
		}
		ev.Nodes = append(ev.Nodes, syscalls.Node{Kind: k, Name: "n", Val: 1<<64 - 2, Width: 8, Len: 3})
	}
	tree(ev.Nodes, nil)
	return ev
}

func TestJSONFollowsTheSchema(t *testing.T) {
	s, err := readSchema("../../docs/json.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	events := []*syscalls.Event{everyKind(), openEvent()}
	failed := openEvent()
	failed.Errno, failed.Ret, failed.Injected = 2, -2, syscalls.InjectedResult|syscalls.InjectedRetvals
	gone := openEvent()
	gone.Returned = false
	events = append(events, failed, gone)
	for kind := syscalls.EventSignal; kind <= syscalls.EventDetached; kind++ {
		ev := &syscalls.Event{Kind: kind, TID: 1, PID: 1, Sig: 11, OtherTID: 3, ExePath: "/bin/\xffsh", Core: true}
		if kind == syscalls.EventSignal {
			ev.Instruction = "mov (%rax),%rax"
			ev.Nodes = tree([]syscalls.Node{{Kind: syscalls.Struct}, {Kind: syscalls.Sig, Name: "si_signo", Val: 11}}, map[int]int{0: 1})
		}
		events = append(events, ev)
	}
	for _, ev := range events {
		line := AppendJSON(nil, ev)
		if err := s.validate(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	// With -k calls and signals have a stack.
	var out bytes.Buffer
	lines := JSONLines{Out: NewWriter(&out), Stack: func(dst []byte, ev *syscalls.Event) []byte {
		if ev.Kind == syscalls.EventExited {
			return dst
		}
		return append(dst, " > /bin/\"p\"(main+0x1) [0x1]\n > unexpected\n"...)
	}}
	for _, ev := range []*syscalls.Event{openEvent(), {Kind: syscalls.EventSignal, Sig: 11}, {Kind: syscalls.EventExited}} {
		lines.Event(ev)
	}
	if err := lines.Flush(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if err := s.validate([]byte(line)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		has := strings.HasSuffix(line, `,"stack":["/bin/\"p\"(main+0x1) [0x1]","unexpected"]}`+"\n")
		if has == strings.Contains(line, `"type":"exit"`) {
			t.Errorf("the stack of %s", line)
		}
	}
	for _, bad := range []string{
		`{}`, `{"type":"exit","pid":1,"tid":1,"mono":1,"wall":1}`, `{"type":"exit","pid":1,"tid":1,"mono":1,"wall":1,"status":"0"}`,
		`{"type":"exit","pid":1,"tid":1,"mono":1,"wall":1,"status":0,"x":1}`, `{"type":"exit","pid":1.5,"tid":1,"mono":1,"wall":1,"status":0}`,
	} {
		if s.validate([]byte(bad)) == nil {
			t.Errorf("the schema lets %s pass", bad)
		}
	}
}

// openEvent is openat(AT_FDCWD, "a\xff", O_WRONLY|O_CREAT|0x40000000, 0644) = 3.
func openEvent() *syscalls.Event {
	ev := &syscalls.Event{
		TID: 8, PID: 7, Mono: 5, Wall: 6, MonoExit: 15, IP: 1 << 63, Returned: true, Ret: 3,
		ABI: syscalls.ByID(syscalls.AMD64), Nr: 257, Call: syscalls.ByID(syscalls.AMD64).Call(257),
	}
	cwd := int64(-100)
	ev.Nodes = tree([]syscalls.Node{
		{Kind: syscalls.DirFD, Name: "dirfd", Val: uint64(cwd), Width: 4},
		bytesNode(ev, syscalls.Str, "pathname", "a\"\n\xff", syscalls.IsPath),
		{Kind: syscalls.Flags, Name: "flags", Val: 1 | 0o100 | 0x40000000, Width: 4, Table: &openTable},
		{Kind: syscalls.Perm, Name: "mode", Val: 0o644, Width: 2},
	}, nil)
	ev.EnterEnd = len(ev.Nodes)
	fd := bytesNode(ev, syscalls.FD, "", "/tmp/é", syscalls.HasFD)
	fd.Val = 3
	ev.RetNodes = tree([]syscalls.Node{fd}, nil)
	return ev
}

func TestJSONOfACall(t *testing.T) {
	want := `{"type":"call","pid":7,"tid":8,"mono":5,"wall":6,"name":"openat","nr":257,"abi":"amd64","ip":9223372036854775808,` +
		`"args":[{"kind":"dirfd","name":"dirfd","value":-100,"text":"AT_FDCWD"},` +
		`{"kind":"string","name":"pathname","value_base64":"YSIK/w=="},` +
		`{"kind":"flags","name":"flags","value":1073741889,"flags":["O_WRONLY","O_CREAT"],"rest":1073741824},` +
		`{"kind":"perm","name":"mode","value":420}],"ret":3,"result":[{"kind":"fd","value":3,"path":"/tmp/é"}],"duration":10}`
	if got := string(AppendJSON(nil, openEvent())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestJSONOfNodes(t *testing.T) {
	ev := &syscalls.Event{}
	minus := int64(-2)
	for _, test := range []struct {
		node syscalls.Node
		want string
	}{
		{syscalls.Node{Kind: syscalls.Int, Val: uint64(minus), Width: 4}, `{"kind":"int","value":-2}`},
		{syscalls.Node{Kind: syscalls.Uint, Val: 1<<64 - 1, Width: 8}, `{"kind":"uint","value":18446744073709551615,"hex":"0xffffffffffffffff"}`},
		{syscalls.Node{Kind: syscalls.Enum, Val: 1, Table: &whenceTable}, `{"kind":"enum","value":1,"text":"SEEK_CUR"}`},
		{syscalls.Node{Kind: syscalls.Enum, Val: 7, Table: &whenceTable}, `{"kind":"enum","value":7}`},
		{syscalls.Node{Kind: syscalls.Dev, Val: 0x801, Width: 8}, `{"kind":"dev","value":2049,"major":8,"minor":1}`},
		{bytesNode(ev, syscalls.Str, "s", "é\u2028\x7f\x00\\", syscalls.Cut), `{"kind":"string","name":"s","value":"é` + "\u2028" + `\u007f\u0000\\","cut":true}`},
		{bytesNode(ev, syscalls.SigSet, "set", "\x02\x00\x01\x00\x00\x00\x00\x80", 0), `{"kind":"sigset","name":"set","signals":["SIGINT","SIGCHLD","SIGRT_32"]}`},
		{bytesNode(ev, syscalls.IP6, "a", strings.Repeat("\x00", 15)+"\x01", 0), `{"kind":"ip6","name":"a","text":"::1"}`},
		{syscalls.Node{Kind: syscalls.IP4, Val: 0x7f000001}, `{"kind":"ip4","value":2130706433,"text":"127.0.0.1"}`},
		{syscalls.Node{Kind: syscalls.Lit, Name: "Timeout"}, `{"kind":"word","text":"Timeout"}`},
		{syscalls.Node{Kind: syscalls.WaitStatus, Val: 0x100}, `{"kind":"wait_status","value":256,"text":"{WIFEXITED(s) && WEXITSTATUS(s) == 1}","exited":1}`},
		{syscalls.Node{Kind: syscalls.WaitStatus, Val: 0x8b}, `{"kind":"wait_status","value":139,"text":"{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}","killed":"SIGSEGV","core":true}`},
		{syscalls.Node{Kind: syscalls.WaitStatus, Val: 0x1057f, Table: &whenceTable}, `{"kind":"wait_status","value":66943,"text":"{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP}|SEEK_CUR<<16","stopped":"SIGTRAP","event":"SEEK_CUR"}`},
		{syscalls.Node{Kind: syscalls.WaitStatus, Val: 0xffff}, `{"kind":"wait_status","value":65535,"text":"{WIFCONTINUED(s)}","continued":true}`},
		{syscalls.Node{Kind: syscalls.Int, Val: 1 << 63, Width: 8}, `{"kind":"int","value":-9223372036854775808,"hex":"-0x8000000000000000"}`},
		{syscalls.Node{Kind: syscalls.Int, Val: 1<<63 - 1, Width: 8}, `{"kind":"int","value":9223372036854775807,"hex":"0x7fffffffffffffff"}`},
		{syscalls.Node{Kind: syscalls.Enum, Val: uint64(minus), Width: 4, Table: &whenceTable}, `{"kind":"enum","value":-2}`},
		{syscalls.Node{Kind: syscalls.Enum, Val: uint64(minus), Width: 4, Table: &whenceTable, Flags: syscalls.HexVal}, `{"kind":"enum","value":4294967294}`},
		{syscalls.Node{Kind: syscalls.Enum, Val: 1, Len: 28, Width: 4, Table: &whenceTable, Flags: syscalls.HexVal | syscalls.LeftBy}, `{"kind":"enum","value":1,"text":"SEEK_CUR","shift":28}`},
		{syscalls.Node{Kind: syscalls.ID, Val: 1<<32 - 2, Width: 4}, `{"kind":"id","value":4294967294}`},
		{syscalls.Node{Kind: syscalls.ID, Val: 1<<16 - 1, Width: 2}, `{"kind":"id","value":-1}`},
		{syscalls.Node{Kind: syscalls.Perm, Val: 0x10001ff, Width: 4}, `{"kind":"perm","value":511}`},
		{syscalls.Node{Kind: syscalls.FD, Val: 1<<32 - 1, Width: 4}, `{"kind":"fd","value":-1}`},
		{syscalls.Node{Kind: syscalls.Sig, Val: 1 << 40, Width: 8}, `{"kind":"signal","value":1099511627776}`},
		{syscalls.Node{Kind: syscalls.Vars, Val: 4096, Len: 2, Flags: syscalls.Unsized}, `{"kind":"vars","value":4096,"count":2,"unterminated":true}`},
		{syscalls.Node{Kind: syscalls.Func, Name: "QCMD", Val: uint64(minus), Width: 4, Flags: syscalls.Styled}, `{"kind":"call","name":"QCMD","value":-2,"items":[]}`},
		{syscalls.Node{Kind: syscalls.Index, Val: 1}, `{"kind":"index","minus":1,"items":[]}`},
		{syscalls.Node{Kind: syscalls.OrList, Val: 5, Flags: syscalls.AllNames}, `{"kind":"or","value":5,"alternatives":true,"items":[]}`},
		{syscalls.Node{Kind: syscalls.Struct, Val: 1, Table: &whenceTable, Flags: syscalls.Styled}, `{"kind":"struct","text":"SEEK_CUR","items":[]}`},
		{bytesNode(ev, syscalls.MAC, "m", "\x01\x02\xfe", 0), `{"kind":"mac","name":"m","text":"01:02:fe"}`},
		{with(bytesNode(ev, syscalls.MAC, "m", "\x01\x02\xfe", 0), 2), `{"kind":"mac","name":"m","text":"01:02","field_base64":"AQL+"}`},
		{bytesNode(ev, syscalls.UUID, "", "0123456789abcdef", 0), `{"kind":"uuid","text":"30313233-3435-3637-3839-616263646566"}`},
		{with(bytesNode(ev, syscalls.IP4, "a", "\x7f\x00\x00\x01more", 0), 0x7f000001), `{"kind":"ip4","name":"a","value":2130706433,"text":"127.0.0.1","field":"\u007f\u0000\u0000\u0001more"}`},
		{with(bytesNode(ev, syscalls.FD, "", "/tmp/x (deleted)", syscalls.HasFD), 3), `{"kind":"fd","value":3,"path":"/tmp/x","deleted":true}`},
		{with(bytesNode(ev, syscalls.FD, "", "/tmp/x (deleted)\x00", syscalls.HasFD), 3), `{"kind":"fd","value":3,"path":"/tmp/x (deleted)"}`},
		{with(bytesNode(ev, syscalls.FD, "", "/dev/null\x00<char 1:3>", syscalls.HasFD), 3), `{"kind":"fd","value":3,"path":"/dev/null","details":"<char 1:3>","device":{"type":"char","major":1,"minor":3}}`},
		{syscalls.Node{Kind: syscalls.Flags, Val: 1<<63 | 1, Width: 8}, `{"kind":"flags","value":9223372036854775809,"hex":"0x8000000000000001","flags":[],"rest":9223372036854775809,"rest_hex":"0x8000000000000001"}`},
		{with(bytesNode(ev, syscalls.PID, "", "sh\xff\x0017", syscalls.HasFD), 3), `{"kind":"tid","value":3,"comm_base64":"c2j/","outside":17}`},
		{with(bytesNode(ev, syscalls.IfIndex, "", "lo", syscalls.HasFD), 1), `{"kind":"ifindex","value":1,"text":"lo"}`},
	} {
		nodes := tree([]syscalls.Node{test.node}, nil)
		if got := string(jsonNode(nil, ev, nodes, 0)); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// with gives a node a number.
func with(n syscalls.Node, v uint64) syscalls.Node {
	n.Val = v
	return n
}

// A set of bits has its members, and the words in memory that have them by themselves.
func TestJSONOfASet(t *testing.T) {
	nodes := tree([]syscalls.Node{
		{Kind: syscalls.BitArray, Flags: syscalls.Styled},
		{Kind: syscalls.Enum, Val: 1, Table: &whenceTable},
		{Kind: syscalls.Array},
		{Kind: syscalls.Hex, Val: 2, Width: 8},
	}, map[int]int{0: 3, 2: 1})
	const want = `{"kind":"set","items":[{"kind":"enum","value":1,"text":"SEEK_CUR"}],"memory":[{"kind":"hex","value":2}]}`
	if got := string(jsonNode(nil, &syscalls.Event{}, nodes, 0)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestJSONIsDescribed holds the pages about the output to each other and to the kinds that there are.
func TestJSONIsDescribed(t *testing.T) {
	page, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	s, err := readSchema("../../docs/json.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	keys := s.root["$defs"].(map[string]any)["node"].(map[string]any)["properties"].(map[string]any)
	kinds := keys["kind"].(map[string]any)["enum"].([]any)
	for _, name := range kindNames {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/json.md does not have the kind %s", name)
		}
		if !slices.Contains(kinds, any(name)) {
			t.Errorf("docs/json.schema.json does not have the kind %s", name)
		}
	}
	for key := range keys {
		if !strings.Contains(string(page), "`"+strings.TrimSuffix(key, "_base64")+"`") && key != "after" {
			t.Errorf("docs/json.md does not have the key %s", key)
		}
	}
}

func TestJSONAllocates(t *testing.T) {
	buf := make([]byte, 0, 1<<16)
	for _, ev := range []*syscalls.Event{openEvent(), everyKind()} {
		if n := testing.AllocsPerRun(100, func() { AppendJSON(buf, ev) }); n != 0 {
			t.Errorf("AppendJSON allocates %v times", n)
		}
	}
}
