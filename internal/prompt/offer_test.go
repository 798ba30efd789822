package prompt

import (
	"net/netip"
	"slices"
	"testing"

	"strait/policy"
)

var testVars = map[string]string{"HOME": "/home/u", "CWD": "/home/u/src"}

func question(pairs ...policy.Pair) *Question {
	return &Question{Exe: "/usr/bin/cc1", Comm: "cc1", PID: 7, TID: 7, Name: "openat", Call: `openat(AT_FDCWD, "x", O_RDONLY)`, Because: "default", Pairs: pairs}
}

func pathPair(effect, name string) policy.Pair {
	return policy.Pair{Effect: effect, Path: name, Known: true}
}

func address(effect, proto, host string, port uint16) policy.Pair {
	return policy.Pair{Effect: effect, Addr: policy.Address{Proto: proto, Host: netip.MustParseAddr(host), Port: port}, Known: true}
}

func TestRules(t *testing.T) {
	allow, deny := policy.Action{}, policy.Action{Kind: policy.Deny, Num: 13}
	for _, tt := range []struct {
		q    *Question
		a    policy.Action
		by   Breadth
		want []string
	}{
		{question(pathPair("fs.read", "/usr/lib/a.so")), allow, Exact, []string{"allow fs.read /usr/lib/a.so"}},
		{question(pathPair("fs.read", "/usr/lib/a.so")), allow, Directory, []string{"allow fs.read /usr/lib/**"}},
		{question(pathPair("fs.read", "/usr/lib/a.so")), allow, Glob, []string{"allow fs.read /usr/lib/*.so"}},
		{question(pathPair("fs.read", "/usr/lib/a.so")), deny, Call, []string{"deny(EACCES) openat"}},
		{question(pathPair("fs.read", "/usr/lib/a.so")), policy.Action{Kind: policy.Kill}, Program, []string{`kill * where exe == "/usr/bin/cc1"`}},
		{question(pathPair("fs.read", "/a")), allow, Directory, nil},
		{question(pathPair("fs.read", "/home/u/src/o/x.o"), pathPair("fs.write", "/home/u/src/o/x.o")), allow, Exact, []string{"allow fs.read fs.write ${CWD}/o/x.o"}},
		{question(pathPair("fs.delete", "/home/u/a"), pathPair("fs.create", "/tmp/b")), allow, Exact, []string{"allow fs.delete ${HOME}/a", "allow fs.create /tmp/b"}},
		{question(pathPair("fs.read", "/tmp/a b[1]*")), allow, Exact, []string{`allow fs.read "/tmp/a b\\[1\\]\\*"`}},
		{question(address("net.connect", "tcp", "1.2.3.4", 443)), allow, Exact, []string{"allow net.connect tcp 1.2.3.4:443"}},
		{question(address("net.connect", "tcp", "1.2.3.4", 443)), allow, Directory, []string{"allow net.connect tcp 1.2.3.4:*"}},
		{question(address("net.connect", "tcp", "fe80::1", 443)), allow, Glob, []string{"allow net.connect tcp *:443"}},
		{question(address("net.send", "udp", "fe80::1", 53)), allow, Exact, []string{"allow net.send udp [fe80::1]:53"}},
		{question(policy.Pair{Effect: "net.connect", Addr: policy.Address{Proto: "unix", Path: "/run/x/s.sock"}, Known: true}), allow, Glob, []string{"allow net.connect unix /run/x/*.sock"}},
		{question(policy.Pair{Effect: "net.connect", Addr: policy.Address{Proto: "unix", Path: "@abc"}, Known: true}), allow, Directory, nil},
		{question(policy.Pair{Effect: "net.socket", Addr: policy.Address{Proto: "netlink"}, Known: true}), allow, Exact, []string{"allow net.socket netlink"}},
		{question(policy.Pair{Known: true}), allow, Exact, []string{"allow openat"}},
		{question(policy.Pair{Known: true}), allow, Directory, nil},
		{question(policy.Pair{Effect: "process.create", Known: true}), allow, Exact, []string{"allow process.create"}},
		{question(policy.Pair{Effect: "signal", PID: 7, Known: true}), allow, Exact, []string{"allow signal"}},
		{question(policy.Pair{Effect: "fs.read"}), deny, Exact, []string{"deny(EACCES) fs.read"}},
	} {
		got := tt.q.Rules(tt.a, tt.by, testVars)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v %d: %q, want %q", tt.q.Pairs, tt.by, got, tt.want)
		}
		for _, text := range got { // what is offered can be read, and is what it says
			r, err := policy.ParseRule(text)
			if err != nil || r.String() != text {
				t.Errorf("%q is read as %v, %v", text, r, err)
			}
		}
	}
}

func pairOf(effect, name string) policy.Pair {
	return policy.Pair{Effect: effect, Path: name, Known: true}
}
