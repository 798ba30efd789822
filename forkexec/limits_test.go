package forkexec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// run starts c and waits for it.
func run(t *testing.T, c *Cmd) *Result {
	t.Helper()
	p, err := Start(c)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	r, err := p.Wait()
	if err != nil {
		t.Fatalf("Wait: %v", err)
	}
	return r
}

func TestStreams(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			var out, both bytes.Buffer
			c := form(sh("cat; echo error >&2"))
			c.Stdin, c.Stdout, c.Stderr = strings.NewReader(strings.Repeat("0123456789", 50000)), &out, &both
			if r := run(t, c); !r.Success() || out.Len() != 500000 || both.String() != "error\n" {
				t.Errorf("%v, %d bytes, %q", r.Status, out.Len(), both.String())
			}
			out.Reset()
			c = form(sh("echo a; echo b >&2; echo c"))
			c.Stdout, c.Stderr = &out, &out
			if run(t, c); out.String() != "a\nb\nc\n" {
				t.Errorf("got %q", out.String())
			}
			f, err := os.Create(filepath.Join(t.TempDir(), "f"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c = form(sh("exec 3>&1; readlink /proc/self/fd/3 >&2"))
			out.Reset()
			c.Stdout, c.Stderr = f, &out
			if run(t, c); strings.TrimSpace(out.String()) != f.Name() {
				t.Errorf("a file is not handed over: %q", out.String())
			}
		})
	})
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestStreamFails: the error of a writer is Wait's, with the result beside it.
func TestStreamFails(t *testing.T) {
	unchanged(t, func() {
		c := sh("for i in 1 2 3 4 5; do echo $i; done; exit 3")
		c.Stdout = failingWriter{}
		p, err := Start(c)
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Wait()
		if err == nil || err.Error() != "full" || r == nil || !r.Status.Exited() {
			t.Errorf("%v %v", r, err)
		}
	})
}

// TestSetsidDoesNotHang: a grandchild in a session of its own, which holds the
// output open, does not keep Wait; and what was written is all there.
func TestSetsidDoesNotHang(t *testing.T) {
	var out bytes.Buffer
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := self(t, "orphan")
	c.Stdout = &out
	c.Files = []int{int(r.Fd())}
	res := run(t, c)
	if !res.Success() || out.String() != "written\n" {
		t.Errorf("%v %q", res.Status, out.String())
	}
	w.Close() // upon which the orphan ends
}

// TestFlood: one that goes on writing does not keep Wait either.
func TestFlood(t *testing.T) {
	var out bytes.Buffer
	c := self(t, "flood")
	c.Stdout = &out
	if r := run(t, c); !r.Success() {
		t.Errorf("status %v", r.Status)
	}
}

// TestContained: with Contain, whatever the child left behind is gone when Wait
// returns, which closes its end of a pipe.
func TestContained(t *testing.T) {
	needUserNS(t)
	for _, how := range []string{"contain", "cgroup"} {
		t.Run(how, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			hold, w2, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			defer w2.Close()
			c := self(t, "orphan")
			c.Files = []int{int(hold.Fd()), int(w.Fd()), 2}
			if how == "contain" {
				c.Contain = true
			} else {
				c.Cgroup = needCgroup(t)
			}
			p, err := Start(c)
			w.Close()
			if err != nil {
				t.Fatal(err)
			}
			if res, err := p.Wait(); err != nil || !res.Success() {
				t.Fatal(res, err)
			}
			// All ends are closed: this does not block.
			if err := unix.SetNonblock(int(r.Fd()), true); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 64)
			n, _ := unix.Read(int(r.Fd()), buf)
			if got := string(buf[:max(n, 0)]); got != "written\n" {
				t.Errorf("got %q", got)
			}
			if n, err := unix.Read(int(r.Fd()), buf); n != 0 || err != nil {
				t.Errorf("somebody still holds the pipe: %d %v", n, err)
			}
			if c.Cgroup != "" {
				if left, _ := filepath.Glob(c.Cgroup + "/forkexec-*"); len(left) != 0 {
					t.Errorf("groups left: %v", left)
				}
			}
		})
	}
}

// needCgroup gives a directory of cgroup v2 in which this user may make groups.
func needCgroup(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{os.Getenv("FORKEXEC_CGROUP"), "/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var st unix.Statfs_t
		if dir == "" || unix.Statfs(dir, &st) != nil || uint32(st.Type) != unix.CGROUP2_SUPER_MAGIC {
			continue
		}
		sub, err := os.MkdirTemp(dir, "forkexec-test-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = unix.Rmdir(sub) })
		return sub
	}
	t.Skip("no cgroup v2 that this user may use")
	return ""
}

func TestCgroup(t *testing.T) {
	dir := needCgroup(t)
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			c := form(sh("cat /proc/self/cgroup"))
			c.Cgroup = dir
			got, res := output(t, c)
			if !strings.Contains(got, "/"+filepath.Base(dir)+"/forkexec-") {
				t.Errorf("in %q", got)
			}
			if res.CPU <= 0 {
				t.Errorf("CPU %v", res.CPU)
			}
			if _, err := Start(form(&Cmd{Path: "/bin/nope", Cgroup: dir})); !errors.Is(err, unix.ENOENT) {
				t.Errorf("got %v", err)
			}
			if left, _ := filepath.Glob(dir + "/forkexec-*"); len(left) != 0 {
				t.Errorf("groups left: %v", left)
			}
		})
	})
}

// TestCgroupsWithin: groups that the program made in its own go with it, and a
// group goes whatever the sync function does.
func TestCgroupsWithin(t *testing.T) {
	dir := needCgroup(t)
	c := sh(`cd "$0"/forkexec-* && mkdir -p a/b`)
	c.Args = append(c.Args, dir)
	c.Cgroup = dir
	if _, res := output(t, c); !res.Success() {
		t.Fatal(res)
	}
	func() {
		defer func() { _ = recover() }()
		c := sh("exit 0")
		c.Cgroup, c.Sync = dir, func(int) error { panic("no") }
		_, _ = Start(c)
	}()
	if left, _ := filepath.Glob(dir + "/forkexec-*"); len(left) != 0 {
		t.Errorf("groups left: %v", left)
	}
}

func TestCgroupErrors(t *testing.T) {
	_, err := Start(&Cmd{Path: "/bin/sh", Cgroup: t.TempDir()})
	var e *Error
	if !errors.As(err, &e) || e.Step != StepCgroup || !strings.Contains(err.Error(), "is not in a cgroup v2 file system") {
		t.Errorf("got %v", err)
	}
}

// TestCgroupLimits needs the controllers.
func TestCgroupLimits(t *testing.T) {
	dir := needCgroup(t)
	for _, tt := range []struct {
		controller string
		limits     Limits
		words      string
		want       Limit
	}{
		{"memory", Limits{Memory: 20 << 20}, "memory=100", LimitMemory},
		{"pids", Limits{Procs: 3}, "", LimitProcs},
	} {
		have, _ := os.ReadFile(filepath.Join(filepath.Dir(dir), "cgroup.subtree_control"))
		if !strings.Contains(string(have), tt.controller) {
			t.Logf("no controller %s here", tt.controller)
			continue
		}
		c := sh("for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; exit 1")
		if tt.words != "" {
			c = self(t, tt.words)
		}
		c.Files = []int{0, devNull(t), devNull(t)}
		c.Cgroup, c.Limits = dir, tt.limits
		if r := run(t, c); r.Limit != tt.want {
			t.Errorf("%s: limit %v, status %v", tt.controller, r.Limit, r.Status)
		}
	}
}

func TestLimits(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		cmd    *Cmd
		limits Limits
		want   Limit
	}{
		{sh("exit 0"), Limits{Wall: time.Hour, CPU: time.Hour}, LimitNone},
		{sh("while :; do sleep 1; done"), Limits{Wall: 30 * time.Millisecond}, LimitWall},
		{sh("while :; do :; done"), Limits{CPU: 30 * time.Millisecond}, LimitCPU},
		{sh("exec cat /dev/zero > " + dir + "/f"), Limits{FileSize: 1 << 16}, LimitFileSize},
	} {
		unchanged(t, func() {
			tt.cmd.Limits = tt.limits
			tt.cmd.Contain = canContain()
			r := run(t, tt.cmd)
			if r.Limit != tt.want || r.Success() != (tt.want == LimitNone) {
				t.Errorf("%v: limit %v, status %#x", tt.limits, r.Limit, r.Status)
			}
		})
	}
	if info, err := os.Stat(dir + "/f"); err != nil || info.Size() != 1<<16 {
		t.Errorf("%v %v", info, err)
	}
}

// canContain: a shell's sleep would outlive it otherwise, which other tests
// could take for theirs.
func canContain() bool {
	p, err := Start(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", ":"}, Contain: true})
	if err != nil {
		return false
	}
	_, err = p.Wait()
	return err == nil
}

func TestOutputLimit(t *testing.T) {
	unchanged(t, func() {
		var out, errs bytes.Buffer
		c := sh("exec cat /dev/zero")
		c.Stdout, c.Stderr = &out, &errs
		c.Limits.Output = 1000
		if r := run(t, c); r.Limit != LimitOutput || out.Len() != 1000 || !r.Status.Signaled() {
			t.Errorf("limit %v, %d bytes, status %#x", r.Limit, out.Len(), r.Status)
		}
	})
}

// TestMemoryLimit without a cgroup is one on the address space.
func TestMemoryLimit(t *testing.T) {
	c := sh("ulimit -v")
	c.Limits.Memory = 256 << 20
	if got, _ := output(t, c); got != fmt.Sprint(256<<10) {
		t.Errorf("ulimit -v says %s", got)
	}
}

// TestClock: what is asked about a process while its clock stands is not
// charged to it.
func TestClock(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := sh("read line; exit 3")
	c.Files = []int{int(r.Fd()), 1, 2}
	c.Limits.Wall = time.Second
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	p.StopClock()
	p.StopClock()
	p.StartClock()
	p.mu.Lock()
	p.began = p.began.Add(-time.Hour) // as if it had been asked for an hour
	p.clock.since = p.clock.since.Add(-time.Hour)
	p.mu.Unlock()
	p.StartClock()
	_ = w.Close()
	res, err := p.Wait()
	if err != nil || res.Limit != LimitNone || res.Status.ExitStatus() != 3 || res.Wall > time.Hour {
		t.Errorf("%v, limit %v, status %#x, %v", err, res.Limit, res.Status, res.Wall)
	}
}

func TestCapByName(t *testing.T) {
	for name, want := range map[string]int{"CAP_NET_ADMIN": 12, "sys_admin": 21, "0": 0, "cap_checkpoint_restore": 40} {
		if n, err := CapByName(name); err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", name, n, err, want)
		}
	}
	for _, name := range []string{"", "CAP_NOTHING", "64", "-1"} {
		if n, err := CapByName(name); err == nil {
			t.Errorf("%q is capability %d", name, n)
		}
	}
	if capName(21) != "CAP_SYS_ADMIN" || capName(41) != "41" {
		t.Error(capName(21), capName(41))
	}
}
