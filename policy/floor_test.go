package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFloor(t *testing.T) {
	src := `version: 1
profiles:
  main:
    - deny(EPERM) fs.* /usr/secret/**
    - allow @runtime @memory @signal @io
    - allow fs.read /usr/** /usr/lib/** /etc/passwd /proc/self/**
    - allow fs.write /tmp/build/** "/var/log/*.log"
    - allow fs.read /lib*/** /srv/**/x /srv/{a,b/c}/d /home/*/.config
    - allow exec /usr/bin/git -> git
    - allow net.connect tcp 127.0.0.1:443,80 unix /run/x/*.sock
    - allow net.bind tcp *:8000-8002
    - return(0) fs.delete /never/**
  git:
    rules: ["allow exec /opt/git/**", "allow signal", "allow net.send udp 10.0.0.0/8:53"]
`
	f, ok := policyFrom(t, src).Floor("main")
	want := &Floor{
		Read: []string{"/etc", "/home/*", "/lib*", "/proc", "/srv", "/usr"}, Write: []string{"/tmp/build", "/var/log"},
		Create: []string{"/tmp/build", "/var/log"}, Delete: []string{"/tmp/build", "/var/log"}, Exec: []string{"/opt/git", "/usr/bin"},
		Sockets: []string{"/run/x"},
		Connect: Ports{List: []uint16{80, 443}}, Bind: Ports{List: []uint16{8000, 8001, 8002}}, Send: Ports{List: []uint16{53}},
		Signals: true,
	}
	if d := cmp.Diff(want, f); !ok || d != "" {
		t.Errorf("ok %v, want -, got +:\n%s", ok, d)
	}
	f, ok = policyFrom(t, src).Floor("git")
	if d := cmp.Diff([]string{"/opt/git"}, f.Exec); !ok || d != "" || f.Read != nil {
		t.Errorf("git: %v %v", ok, f)
	}
	for _, rule := range []string{"allow *", "ask getpid", "allow fs.mount", "allow ptrace", "allow kcmp", "allow fs.read", "allow openat", "allow fs.*", "allow fs.root /x", "allow chroot"} {
		if _, ok := policyFrom(t, "version: 1\nprofiles: {main: ["+"\""+rule+"\"]}\n").Floor("main"); ok {
			t.Errorf("%s has a floor", rule)
		}
	}
	for _, head := range []string{"default: ask", "default: allow", "default: log"} {
		if _, ok := policyFrom(t, "version: 1\n"+head+"\nprofiles: {main: []}\n").Floor("main"); ok {
			t.Errorf("%s has a floor", head)
		}
	}
	for rule, any := range map[string]func(*Floor) bool{
		"allow net.connect":        func(f *Floor) bool { return f.Connect.Any && f.Abstract && f.Sockets[0] == "/" },
		"allow connect":            func(f *Floor) bool { return f.Connect.Any && f.Abstract && !f.Bind.Any },
		"allow net.connect any":    func(f *Floor) bool { return f.Connect.Any && f.Abstract && f.Sockets[0] == "/" },
		"allow net.* unix @x":      func(f *Floor) bool { return f.Abstract && f.Sockets == nil && !f.Connect.Any },
		"allow net.connect ip *:*": func(f *Floor) bool { return f.Connect.Any && f.Send.Any && !f.Abstract },
		"allow unlink":             func(f *Floor) bool { return f.Delete[0] == "/" && f.Write == nil },
		"allow signal self":        func(f *Floor) bool { return !f.Signals },
	} {
		f, ok := policyFrom(t, "version: 1\nprofiles: {main: ["+"\""+rule+"\"]}\n").Floor("main")
		if !ok || !any(f) {
			t.Errorf("%s: %v %+v", rule, ok, f)
		}
	}
}
