package tracer

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"strait/syscalls"
)

func TestPIDNames(t *testing.T) {
	k := &Task{t: &Tracer{opt: Options{DescribePIDs: PIDComm | PIDNamespace}}, tid: os.Getpid()}
	comm := string(k.AppendComm(nil))
	if got := string(k.AppendPID(nil, syscalls.TGID, int32(os.Getpid()))); got != comm {
		t.Errorf("our own name is %q, want %q", got, comm)
	}
	if got := string(k.AppendPID(nil, syscalls.PGID, int32(os.Getpid()))); got != "" {
		t.Errorf("a process group has the name %q", got)
	}
	if got := string(k.AppendPID(nil, syscalls.TGID, 0)); got != "" {
		t.Errorf("process 0 has the name %q", got)
	}
}

// The first process of a PID namespace is 1 to itself and another to us.
func TestPIDOfAnotherNamespace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs CAP_SYS_ADMIN for a PID namespace")
	}
	cmd := exec.Command("cat")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { in.Close(); _ = cmd.Wait() }()
	k := &Task{t: &Tracer{opt: Options{DescribePIDs: PIDNamespace}}, tid: cmd.Process.Pid}
	want := "\x00" + strconv.Itoa(cmd.Process.Pid)
	for range 2 { // found, then remembered
		if got := string(k.AppendPID(nil, syscalls.TGID, 1)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := string(k.AppendPID(nil, syscalls.TGID, 99)); got != "" {
		t.Errorf("a process that is not there: %q", got)
	}
	if a, b := k.Namespace(0, "pid"), namespaceOf("/proc/self/ns/pid"); a == 0 || a == b {
		t.Errorf("namespaces %d and %d", a, b)
	}
}
