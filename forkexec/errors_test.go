package forkexec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestErrors has what kept the program from starting: step, cause and words.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	noexec := filepath.Join(dir, "noexec")
	text := filepath.Join(dir, "text")
	for name, mode := range map[string]os.FileMode{noexec: 0o600, text: 0o700} {
		if err := os.WriteFile(name, []byte("not a program"), mode); err != nil {
			t.Fatal(err)
		}
	}
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, tt := range []struct {
			cmd  Cmd
			want Error
			text string
		}{
			{Cmd{Path: "/bin/nope"}, Error{Kind: KindSystemCall, Step: StepExec, Err: unix.ENOENT}, "exec /bin/nope: no such file or directory"},
			{Cmd{Path: noexec}, Error{Kind: KindSystemCall, Step: StepExec, Err: unix.EACCES}, "exec " + noexec + ": permission denied"},
			{Cmd{Path: text}, Error{Kind: KindSystemCall, Step: StepExec, Err: unix.ENOEXEC}, "exec " + text + ": exec format error"},
			{Cmd{Path: dir}, Error{Kind: KindSystemCall, Step: StepExec, Err: unix.EACCES}, "exec " + dir + ": permission denied"},
			{Cmd{Path: "/", Dir: "/nope"}, Error{Kind: KindConfiguration, Step: StepDir, Err: unix.ENOENT}, "chdir /nope: no such file or directory"},
			{Cmd{Path: "/", Setpgid: true, Pgid: 1}, Error{Kind: KindConfiguration, Step: StepSetpgid, Err: unix.EPERM}, "setpgid: operation not permitted"},
			{Cmd{Path: "/", Setsid: true, Ctty: new(int), Files: []int{devNull(t)}}, Error{Kind: KindConfiguration, Step: StepCtty, Err: unix.ENOTTY}, "set controlling terminal: inappropriate ioctl for device"},
			{Cmd{Path: "/", Seccomp: []unix.SockFilter{{Code: 0xffff}}, NoNewPrivs: true}, Error{Kind: KindConfiguration, Step: StepSeccomp, Err: unix.EINVAL}, "load seccomp filter: invalid argument"},
		} {
			unchanged(t, func() {
				_, err := Start(form(&tt.cmd))
				var e *Error
				if !errors.As(err, &e) {
					t.Fatalf("Start gave %v, want %s", err, tt.text)
				}
				if e.Kind != tt.want.Kind || e.Step != tt.want.Step || !errors.Is(err, tt.want.Err) || err.Error() != tt.text {
					t.Errorf("got %v %v %q, want %v %v %q", e.Kind, e.Step, err, tt.want.Kind, tt.want.Step, tt.text)
				}
			})
		}
	})
}

// TestParameters has what is refused before anything is started.
func TestParameters(t *testing.T) {
	one, far := 1, 999
	closed, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, tt := range []struct {
		cmd  Cmd
		want string
	}{
		{Cmd{}, "check Path: empty, and no ExecFD"},
		{Cmd{Path: "a\x00b"}, "check Path: contains a NUL byte"},
		{Cmd{Path: "x", Args: []string{"", "\x00"}}, "check Args[1]: contains a NUL byte"},
		{Cmd{Path: "x", Env: []string{"\x00"}}, "check Env[0]: contains a NUL byte"},
		{Cmd{Path: "x", Dir: "\x00"}, "check Dir: contains a NUL byte"},
		{Cmd{Path: "x", ExecFD: 999}, "check ExecFD: descriptor 999: bad file descriptor"},
		{Cmd{Path: "x", Files: []int{0, 999}}, "check Files[1]: descriptor 999: bad file descriptor"},
		{Cmd{Path: "x", Files: []int{-3}}, "check Files[0]: -3 is neither a descriptor nor FileClosed nor FileKept"},
		{Cmd{Path: "x", Setsid: true, Setpgid: true}, "check Setpgid: conflicts with Setsid: a session leader leads its own group"},
		{Cmd{Path: "x", Pgid: 1}, "check Pgid: needs Setpgid"},
		{Cmd{Path: "x", Ctty: &one}, "check Ctty: needs Setsid"},
		{Cmd{Path: "x", Foreground: &one}, "check Foreground: needs Setpgid or Setsid"},
		{Cmd{Path: "x", ParentDeath: 65}, "check ParentDeath: 65 is no signal"},
		{Cmd{Path: "x", Ptrace: 9}, "check Ptrace: 9 is no mode"},
		{Cmd{Path: "x", PtraceOptions: 1}, "check PtraceOptions: needs Ptrace"},
		{Cmd{Path: "x", Seccomp: make([]unix.SockFilter, 4097)}, "check Seccomp: 4097 instructions, more than 4096"},
		{Cmd{Path: "x", SeccompFlags: 1}, "check SeccompFlags: needs Seccomp"},
		{Cmd{ExecFD: -1}, "check ExecFD: descriptor -1: bad file descriptor"},
		{Cmd{Path: "x", Cgroup: "/\x00"}, "check Cgroup: contains a NUL byte"},
		{Cmd{Path: "x", IgnoredSignals: 1 << 8}, "check IgnoredSignals: SIGKILL and SIGSTOP cannot be ignored"},
		{Cmd{Path: "x", Setsid: true, Ctty: &one, Files: []int{0, FileClosed}}, "check Ctty: descriptor 1: bad file descriptor"},
		{Cmd{Path: "x", Setsid: true, Foreground: &far, Files: []int{0}}, "check Foreground: descriptor 999: bad file descriptor"},
		{Cmd{Path: "x", Seccomp: filter(1, 0), SeccompFlags: unix.SECCOMP_FILTER_FLAG_NEW_LISTENER}, "check SeccompFlags: SECCOMP_FILTER_FLAG_NEW_LISTENER is what SeccompListener asks for"},
		{Cmd{Path: "x", Stdout: closed}, "check Stdout: file already closed"},
		{Cmd{Path: "x", Stdin: (*os.File)(nil)}, "check Stdin: file already closed"},
	} {
		_, err := Start(&tt.cmd)
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindParameter || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// TestFailingStartsLeakNothing fails 10,000 times and has as many descriptors,
// mappings and children as before.
func TestFailingStartsLeakNothing(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 100
	}
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			before := mappings(t)
			for range n {
				if _, err := Start(form(&Cmd{Path: "/bin/nope"})); !errors.Is(err, unix.ENOENT) {
					t.Fatal(err)
				}
			}
			if after := mappings(t); after > before+50 {
				t.Errorf("%d mappings before, %d after", before, after)
			}
		})
	})
}

func mappings(t *testing.T) int {
	data, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(data), "\n")
}
