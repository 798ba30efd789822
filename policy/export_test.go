package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func exported(t *testing.T) *Policy {
	return policyFrom(t, `version: 1
default: deny(EPERM)
limits: {wall: 10s, memory: 1M}
profiles:
  main:
    - allow read getpid exit_group
    - allow fs.read /usr/**
    - allow socket where domain == AF_UNIX
    - allow ioctl where op == TIOCGWINSZ || op == FIONREAD
    - deny(EPERM) fcntl where op > 100
    - allow fcntl
    - kill ptrace
    - deny(ENOSYS) getuid
`)
}

func TestOCI(t *testing.T) {
	b, lost, err := exported(t).OCI(ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var s specs.LinuxSeccomp
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if s.DefaultAction != specs.ActErrno || *s.DefaultErrnoRet != 1 || s.Architectures[0] != specs.ArchX86_64 {
		t.Errorf("got %s", b)
	}
	find := func(name string) (out []specs.LinuxSyscall) {
		for _, c := range s.Syscalls {
			for _, n := range c.Names {
				if n == name {
					out = append(out, c)
				}
			}
		}
		return out
	}
	for name, act := range map[string]specs.LinuxSeccompAction{"read": specs.ActAllow, "ptrace": specs.ActKillProcess, "getuid": specs.ActErrno, "openat": specs.ActAllow} {
		if got := find(name); len(got) != 1 || got[0].Action != act {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := find("write"); len(got) != 0 {
		t.Errorf("write: got %+v", got)
	}
	got := find("ioctl")
	if len(got) != 2 || got[0].Args[0] != (specs.LinuxSeccompArg{Index: 1, Op: specs.OpMaskedEqual, Value: 0xffffffff, ValueTwo: 0x5413}) {
		t.Errorf("ioctl: got %+v", got)
	}
	text := strings.Join(lost, "\n")
	for _, want := range []string{"allow fs.read /usr/**: the path is in memory: open ", "the condition: fcntl", "limits"} {
		if !strings.Contains(text, want) {
			t.Errorf("lost lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "ioctl") {
		t.Errorf("ioctl was not lost:\n%s", text)
	}
	b, _, _ = exported(t).OCI(ExportOptions{Strict: true})
	if strings.Contains(string(b), "openat") {
		t.Errorf("strict allows openat")
	}
}

func TestSystemd(t *testing.T) {
	text, lost := exported(t).Systemd(ExportOptions{})
	for _, want := range []string{"SystemCallErrorNumber=EPERM\n", " getpid\n", "RuntimeMaxSec=10\n", "MemoryMax=1048576\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "ptrace") || !strings.Contains(strings.Join(lost, "\n"), "kill: it gets the default: ptrace") {
		t.Errorf("ptrace: %q\n%s", lost, text)
	}
}

func TestMinijail(t *testing.T) {
	text, _ := exported(t).Minijail(ExportOptions{})
	for _, want := range []string{
		"@default return EPERM\n", "read: allow\n", "ptrace: kill-process\n", "getuid: return ENOSYS\n",
		"ioctl: arg1 == 0x5413 || arg1 == 0x541b; return EPERM\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

func TestRawBPF(t *testing.T) {
	prog := compile(t, exported(t), CompileOptions{})
	if b := prog.RawBPF(); len(b) != 8*len(prog.Instructions) || b[0] != 0x20 || b[4] != 4 {
		t.Errorf("got %x", b[:16])
	}
}
